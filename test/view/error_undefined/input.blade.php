x
  @if($yes)
 é {{ $undefined }}
 @endif
