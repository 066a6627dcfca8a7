1300 {{ $club->city }}@if($club->name), {{ $club->name }}@endif
|é@if($yes)x y @endif|
|foo@if($no)|a@b.be|@if($yes){{ $n }}@else{{ $a }}@endif|@if($yes) @if($no) a @else b @endif @endif
