@foreach($list as $x)
 {{ $n }}
@endforeach
 @forelse([] as $x) @empty none @endforelse
@for(;;) @endfor @while(0) @break @continue @endwhile
