<?php
// render.php VENDOR: the letter's HTML as Blade makes it of the golden data, to stdout.
require $argv[1] . '/autoload.php';

use Carbon\Carbon;
use Illuminate\Filesystem\Filesystem;
use Illuminate\View\Compilers\BladeCompiler;

Carbon::setTestNow('2026-11-23 10:00:00');
$club = (object) ['name' => 'ASBL Équitation du Brabant', 'street' => "Rue de l'Étrier", 'street_number' => '12',
    'postal_code' => '1300', 'city' => 'Wavre', 'country' => 'Belgique', 'company_number' => 'BE 0123.456.789',
    'legal_representative_name' => 'Élise Dupont', 'legal_representative_role' => 'Présidente',
    'description' => "Promouvoir la pratique de l'équitation", 'insurance_rc_company' => 'Ethias',
    'insurance_rc_policy_number' => 'RC-123', 'insurance_additional_company' => 'AG',
    'insurance_additional_policy_number' => 'C-456', 'insurance_additional_details' => 'Dommages corporels',
    'expense_reimbursement_type' => 'forfait', 'expense_reimbursement_details' => '20 EUR / jour'];
$teacher = (object) ['user' => (object) ['name' => 'Jean Peeters', 'address' => 'Chaussée 5', 'postal_code' => '1348',
    'city' => 'Louvain-la-Neuve']];
$blade = new BladeCompiler(new Filesystem, sys_get_temp_dir());
$code = $blade->compileString(file_get_contents(__DIR__ . '/volunteer-letter.blade.php'));
ob_start();
eval('?>' . $code);
echo ltrim(ob_get_clean());
