@extends('layout')
@section('a')
@lang('x') @json($a) @php $x = 1; @endphp @php($x = 1)
<x-alert/> </x-alert> <?= 1 ?>
@auth a @endauth @csrf
@include($a) @include('pkg::view')
