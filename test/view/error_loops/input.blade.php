@for(;;) @endfor @while(0) @break @continue @endwhile
 @foreach($list as [$x]) @endforeach @foreach($list)
 @endforeach @forelse($list as $__x) @endforelse @empty
 @foreach($list as $x) @endif
