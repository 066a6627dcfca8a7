{{ $n }}: {{ $title }} {{ $row['n'] }} at {{ $loop->depth }}
@foreach($row['l'] as $inner)
 {{ $inner }} {{ $loop->depth }} {{ $loop->parent->index }}
@endforeach
{{ $loop->depth }} again
