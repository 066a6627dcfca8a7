{{ $a }}|{!! $a !!}|{{{ $a }}}|{{$n}}|{{
  $n
}}|{{ $n; }}|{{ $none }}|{{ $yes }}|{{ $no }}|{{ $f }}|{{ $bad }}|{{ $empty }}|{{ $club->missing }}|{{ $club->missing ?? 'not given' }}|{{ $teacher->user->name }}| {{ $n }}
