<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Note d'information au volontaire</title>
<style>
/* La marge vient de la page, le reste du texte. */
@page { margin: 18mm; }
body { font-family: "DejaVu Serif", serif; font-size: 11pt; line-height: 1.55; color: #1a1a1a; text-align: justify; margin: 0; padding: 0; }
h1, h2, h3 { font-family: "DejaVu Sans", sans-serif; page-break-after: avoid; }
h1 { font-size: 16pt; text-align: center; margin: 0 0 4mm 0; }
h2 { font-size: 12pt; margin: 6mm 0 2mm 0; color: #204060; }
h3 { font-size: 11pt; margin: 3mm 0 1mm 0; }
p { margin: 0 0 3mm 0; }
ul { margin: 0 0 3mm 0; padding-left: 8mm; }
.intro { font-size: 9pt; font-style: italic; text-align: center; page-break-after: avoid; }
.partie { page-break-inside: avoid; margin-bottom: 4mm; padding: 2mm 4mm; border-top: 1px solid #999; }
.signatures { page-break-inside: avoid; width: 100%; margin-top: 8mm; }
.signatures td { width: 50%; vertical-align: top; padding: 2mm; }
.trait { border-top: 1px solid #000; margin-top: 18mm; padding-top: 1mm; font-size: 9pt; }
</style>
</head>
<body>
<h1>Note d'information au volontaire</h1>
<p class="intro">Établie en application de la loi du 3 juillet 2005 relative aux droits des volontaires</p>

<h2>1. Les parties</h2>
<div class="partie">
<h3>L'organisation</h3>
<p><strong>{{ $club->name }}</strong><br>
Siège social&nbsp;: {{ $club->address ?? 'non communiqué' }}, {{ $club->postal_code }} {{ $club->city }}@if($club->country), {{ $club->country }}@endif<br>
Numéro d'entreprise (BCE)&nbsp;: {{ $club->company_number ?? 'en cours' }}<br>
Représentée par {{ $club->legal_representative_name ?? 'son conseil d\'administration' }}@if($club->legal_representative_role), {{ $club->legal_representative_role }}@endif</p>
</div>
<div class="partie">
<h3>Le volontaire</h3>
<p><strong>{{ $teacher->user->name }}</strong><br>
@if($teacher->user->address || $teacher->user->city)
Adresse&nbsp;: {{ $teacher->user->address }}, {{ $teacher->user->postal_code }} {{ $teacher->user->city }}@if($teacher->user->country), {{ $teacher->user->country }}@endif
@else
Adresse&nbsp;: à compléter par le volontaire
@endif
</p>
</div>

<h2>2. But de l'organisation</h2>
<p>{{ $club->name }} est une association sans but lucratif. @if($club->description){{ $club->description }}@else Elle organise des activités équestres pour ses membres.@endif</p>

<h2>3. Assurances</h2>
<h3>Responsabilité civile</h3>
<p>L'organisation a souscrit auprès de {{ $club->insurance_rc_company ?? 'son assureur' }} une assurance qui couvre la responsabilité civile du volontaire pendant son activité@if($club->insurance_rc_policy_number) (police n° {{ $club->insurance_rc_policy_number }})@endif.</p>
@if($club->insurance_additional_company && $club->insurance_additional_policy_number)
<h3>Assurance complémentaire</h3>
<p>Une assurance complémentaire existe auprès de {{ $club->insurance_additional_company }} (police n° {{ $club->insurance_additional_policy_number }}). {{ $club->insurance_additional_details }}</p>
@endif

<h2>4. Frais</h2>
@if($club->expense_reimbursement_type === 'forfait')
<p>Les frais sont remboursés forfaitairement, sans pièce justificative, dans les limites légales de 2025&nbsp;: 42,31&nbsp;€ par jour et 1.692,51&nbsp;€ par an. {{ $club->expense_reimbursement_details }}</p>
@elseif($club->expense_reimbursement_type === 'reel')
<p>Les frais réels sont remboursés sur présentation des pièces justificatives. {{ $club->expense_reimbursement_details }}</p>
@else
<p>L'activité ne donne lieu à aucun remboursement de frais.</p>
@endif

<h2>5. Discrétion et secret professionnel</h2>
<p>Le volontaire traite avec discrétion ce qu'il apprend dans son activité. L'article 458 du Code pénal s'applique à celui qui, par état ou par profession, est dépositaire de secrets&nbsp;: les révéler est punissable.</p>
<ul>
<li>Les données des membres, surtout celles des enfants, ne sortent pas de l'organisation.</li>
<li>Les photos et vidéos ne sont publiées qu'avec l'accord de ceux qui y figurent.</li>
<li>L'obligation demeure après la fin de l'activité.</li>
</ul>

<h2>6. Déclaration du volontaire</h2>
<p>Le volontaire déclare avoir reçu et lu cette note. S'il perçoit une allocation (chômage, prépension, incapacité de travail), il avertit l'organisme qui la paie avant de commencer.</p>

<p>Fait à {{ $club->city ?? '________' }}, le {{ now()->locale('fr')->isoFormat('D MMMM YYYY') }}, en deux exemplaires, dont un pour chaque partie.</p>

<table class="signatures">
<tr>
<td><p>Pour l'organisation,<br>{{ $club->legal_representative_name }}</p><div class="trait">Signature</div></td>
<td><p>Le volontaire,<br>{{ $teacher->user->name }}</p><div class="trait">Signature, précédée de «&nbsp;Lu et approuvé&nbsp;»</div></td>
</tr>
</table>
</body>
</html>
