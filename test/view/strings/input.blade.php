{{ 'it\'s ) here' }} @if($a === '(') yes @else no @endif @if(')' === $a || ($yes && ($n === 5))) x @endif
@if("a ) \" ( {$club->name} ) b" === $a) 1 @else 2 @endif @if(/* ) */ $yes) 3 @endif @if((string) $zero) 4 @else 5 @endif
@if($a === '@else') 6 @endif @if($no || ($a === '@if(') || $yes) 7 @endif
