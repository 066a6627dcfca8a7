@@if($yes) @@page @{{ $name }} @{!! $x !!} @{{{ $y }}} @@media (a) {}
@verbatim
  {{ as it is }} @if(
  {{-- this too --}}
@endverbatim
{{-- {{ $gone }} @if( @foreach --}}.
{{ unclosed
{{-- unclosed
