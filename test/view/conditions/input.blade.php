@if($no) 1 @elseif($club->type === 'reel') 2 @elseif($yes) 3 @else 4 @endif
@IF ($zero) 5 @ElseIf	($n === 5) 6 @ENDIF
@unless($no) 7 @endunless
@isset($club->name) 8 @endisset @isset($none) 9 @endisset
@empty($zero) 10 @endempty
@if($yes && ! $no || false) 11 @endif
@else_ @elsewhere
