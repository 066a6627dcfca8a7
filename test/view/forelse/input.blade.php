@forelse ($list as $n)
  {{ $n }}
@empty
  none
@endforelse
@forelse($nothing as $n) x @empty
  nothing at all {{ $n }}
@endforelse
@forelse($rows as $row)
  @forelse($row['l'] as $x){{ $x }},@empty no {{ $loop->iteration }}. @endforelse

@empty
  never
@endforelse
