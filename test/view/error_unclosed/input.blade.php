@if($yes)
 @if($no)
 x@endif
@endif
