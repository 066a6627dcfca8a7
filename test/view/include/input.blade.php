A @include('parts.b')
@include("parts/b", ['n' => $n + 1]) C
