@foreach($rows as $row)
@include('parts.row', ['n' => $loop->iteration, 'title' => $row['n']])
@endforeach
{{ $n }} {{ $inner ?? 'their own' }}
