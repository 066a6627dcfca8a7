A
@if($yes)
B
@endif
C
    @if($yes)
    D
    @else
    E
    @endif
@if($yes)  
F @endif 
G {{ $n }}
{{ $n }}

H{{-- c --}}
I
@if($yes){{-- c --}}
J
@endif
K
@if($no)
@endif
