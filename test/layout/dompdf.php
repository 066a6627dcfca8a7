<?php
// dompdf.php VENDOR OUTDIR FILE.html...: renders each with dompdf as laravel-dompdf sets it
// up, into OUTDIR/FILE.pdf, uncompressed. FACTEUR_FONTS is a folder for its font metrics.
require $argv[1] . '/autoload.php';

$options = new Dompdf\Options();
$options->set('defaultPaperSize', 'a4');
$options->set('defaultMediaType', 'screen');
$options->set('isRemoteEnabled', false);
$options->set('isFontSubsettingEnabled', true);
$options->set('fontCache', getenv('FACTEUR_FONTS'));
foreach (array_slice($argv, 3) as $file) {
    $pdf = new Dompdf\Dompdf($options);
    $pdf->setPaper('a4', 'portrait');
    $pdf->loadHtml(file_get_contents($file), 'UTF-8');
    $pdf->render();
    $out = $argv[2] . '/' . basename($file, '.html') . '.pdf';
    file_put_contents($out, $pdf->output(['compress' => 0]));
}
