a
 @if(($yes) x @endif
