<ul>
    @foreach ($map as $key => $value)
    <li>{{ $key }}={{ $value }} {{ $loop->iteration }}/{{ $loop->count }}@if ($loop->first) first @endif @if($loop->last) last @endif</li>
    @endforeach
</ul>
@foreach($rows as $row)
{{ $loop->index }} {{ $row['n'] }} left {{ $loop->remaining }} {{ $loop->even ? 'even' : 'odd' }} depth {{ $loop->depth }}
  @foreach($row['l'] as $k=>$row)
    {{ $k }}:{{ $row }} of {{ $loop->parent->iteration }} in {{ $loop->depth }}
  @endforeach
back in {{ $loop->depth }}
@endforeach
{{ is_null($loop) ? 'no loop' : 'loop' }} {{ $row }} {{ $k }} {!! $value !!}
@foreach($nothing as $never)never @endforeach {{ $never ?? 'undefined' }}
@foreach (explode(' as ', 'p as q') AS $w){{ $w }}@endforeach
