<?php
// ignored.php VENDOR FOLDER: for each line of test/layout/ignored, "same" if dompdf draws a
// document with the construct as it draws it without; the document is left in FOLDER.
require $argv[1].'/autoload.php';

function drawn(string $html): string
{
    $pdf = new Dompdf\Dompdf(['defaultMediaType' => 'screen']);
    $pdf->loadHtml($html);
    @$pdf->render();
    preg_match_all('~stream\n(.*?)endstream~s', $pdf->output(['compress' => 0]), $streams);

    return implode($streams[1]);
}

function document(string $css, string $html): string
{
    return "<html><head><style>$css</style></head><body><p class=\"x\">Un <b>deux</b> trois quatre</p>$html"
        .'<ul><li>a</li><li>b</li></ul><table><tr><td>c</td><td>d</td></tr></table></body></html>';
}

$plain = drawn(document('', ''));
foreach (file('test/layout/ignored', FILE_IGNORE_NEW_LINES) as $i => $line) {
    if ($line[0] === '#') {
        continue;
    }
    $html = match (true) {
        $line[0] === '<' => document('', $line),
        str_contains($line, '{') || $line[0] === '@' => document($line, ''),
        default => document("p, li, td { $line }", ''),
    };
    file_put_contents("$argv[2]/$i.blade.php", str_replace('@', '@@', $html));
    echo drawn($html) === $plain ? 'same' : 'differs', "\t$i\t$line\n";
}
