<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Lettre au volontaire</title>
<style>
    /* La lettre de référence : chaque propriété qui compte, une fois. */
    @page { margin: 18mm; }
    body { margin: 0; padding: 28px 32px; font-family: 'DejaVu Serif', serif; font-size: 11pt; line-height: 1.55; color: #111; text-align: justify; }
    h1 { margin: 0 0 4px; font-size: 16pt; text-align: center; page-break-after: avoid; }
    h2 { margin: 18px 0 8px; font-size: 12pt; page-break-after: avoid; }
    h2, h3 { font-family: 'DejaVu Sans', sans-serif; }
    h3 { margin: 10px 0 4px; font-size: 11pt; page-break-after: avoid; }
    p { margin: 6px 0; }
    ul { margin: 8px 0; padding-left: 22px; }
    li { margin: 2px 0; }
    .intro { margin: 0 0 20px 0; font-size: 9pt; font-style: italic; text-align: center; page-break-after: avoid; }
    .section { margin: 14px 0; }
    .partie { margin: 12px 0; margin-left: 16px; page-break-inside: avoid; }
    .signatures { margin-top: 57px; page-break-inside: avoid; }
    .signatures table { width: 100%; }
    .signatures td { vertical-align: top; font-size: 10.5pt; text-align: left; }
    .signature-block { width: 100%; max-width: 100%; margin-top: 60px; border-top: 1px solid #333333; }
    .case { display: inline-block; }
</style>
</head>
<body>
<h1>Note au volontaire</h1>
<div class="intro">Remise avant le début de l'activité, en deux exemplaires</div>
<div class="section">
<p>Cette note réunit ce que l'organisation doit dire à chaque volontaire avant qu'il ne commence : qui elle est, ce qu'elle poursuit, comment il est assuré, ce qui lui est remboursé et ce qu'il doit garder pour lui.</p>
<div class="partie">
<h3>L'organisation</h3>
<p><strong>{{ $club->name }}</strong></p>
@if($club->street || $club->city)<p>{{ $club->street }} {{ $club->street_number }}, {{ $club->postal_code }} {{ $club->city }} , {{ $club->country ?? 'Belgique' }}</p>@endif
<p>Numéro d'entreprise : {{ $club->company_number }}, représentée par {{ $club->legal_representative_name }} ({{ $club->legal_representative_role }})</p>
</div>
<div class="partie">
<h3>Le volontaire</h3>
<p>{{ $teacher->user->name }}, {{ $teacher->user->address }}, {{ $teacher->user->postal_code }} {{ $teacher->user->city }}</p>
</div>
<h2>1. Objet</h2>
<p>L'organisation a pour but désintéressé : {{ $club->description }}. Elle ne partage aucun bénéfice entre ses membres et met tout ce qu'elle reçoit au service de ce but, que le volontaire fait sien sans contrepartie.</p>
<p>Il peut cesser son activité quand il le veut, en prévenant assez tôt pour que les séances prévues aient lieu. L'organisation peut faire de même, et dit alors pourquoi.</p>
<p>Le volontaire suit les consignes de sécurité affichées au manège, porte l'équipement prévu et ne laisse jamais un enfant seul avec un cheval. Il apprend pendant ses premières séances, aux côtés d'une personne qui connaît les lieux, les animaux et les gestes.</p>
<p>Il n'entre au bureau et à la sellerie qu'avec l'accord du responsable.</p>
</div>
<div class="section">
<h2>2. Assurances</h2>
<p>L'organisation répond des dommages que le volontaire cause à des tiers, sauf s'il les a voulus ou s'il a commis une faute lourde.</p>
<ul>
<li>Responsabilité civile : <strong>{{ $club->insurance_rc_company }}</strong>, police {{ $club->insurance_rc_policy_number }}</li>
@if($club->insurance_additional_company)
<li>Assurance complémentaire : <strong>{{ $club->insurance_additional_company }}</strong>, police {{ $club->insurance_additional_policy_number }}, pour : {{ $club->insurance_additional_details }}</li>
@endif
</ul>
<p>Un accident se déclare le jour même, par téléphone puis par écrit, avec les noms des témoins s'il y en a.</p>
<p>Le trajet entre le domicile et le lieu de la séance est couvert dans les mêmes conditions, pour autant que le volontaire ne s'en écarte pas sans raison.</p>
</div>
<div class="section">
<h2>3. Frais</h2>
@if($club->expense_reimbursement_type === 'forfait')
<p>Les frais sont remboursés par un <strong>forfait</strong> : {{ $club->expense_reimbursement_details }}. Aucune pièce n'est demandée, mais le volontaire tient le compte de ses journées et ne dépasse pas les plafonds de la loi, toutes organisations confondues.</p>
@elseif($club->expense_reimbursement_type === 'reel')
<p>Les frais réels sont remboursés sur pièces.</p>
@else
<p>Il n'est pas remboursé de frais.</p>
@endif
<p>Les trajets se comptent du domicile au lieu de la séance et retour, par le chemin le plus court. Ce qui est avancé pour l'organisation, avec l'accord de la personne qui tient la caisse, est rendu dans le mois sur présentation du ticket, et reste hors du forfait.</p>
<p>Qui reçoit une allocation prévient d'abord l'organisme qui la verse.</p>
</div>
<div class="section">
<h2>4. Discrétion</h2>
<p>Le volontaire apprend des choses sur les familles, la santé des enfants ou l'argent des membres. Il les garde pour lui pendant son activité et après elle, et n'en parle qu'à la personne que l'organisation a désignée pour cela. Ce devoir est celui de l'article 458 du Code pénal lorsque sa fonction l'y soumet, ce que l'organisation lui dit alors avant qu'il ne commence, de vive voix et par écrit.</p>
<p>Les listes de noms, d'adresses et de numéros lui servent pour les séances seulement. Il les rend ou les détruit quand il cesse son activité.</p>
</div>
<div class="section">
<h2>5. Durée</h2>
<p>Cette note vaut dès sa signature. L'organisation en remet une autre chaque fois que l'une de ses indications change, et le volontaire la lit avant la séance suivante.</p>
<p>Ce qui n'y est pas dit se règle entre le volontaire et la personne qui organise ses séances, de bonne foi et sans formalité. Si un désaccord demeure, ils le portent ensemble devant le conseil d'administration, qui les entend l'un et l'autre avant de décider. Le volontaire peut s'y faire accompagner de qui il veut. Aucune décision ne le prive de ce que la loi lui donne, ni de la couverture des assurances pour le temps déjà passé au service de l'organisation, ni du remboursement des frais qu'il a exposés jusque-là avec l'accord de la personne qui organise ses séances, pour peu qu'il les ait notés et remis à la fin du mois où ils sont nés.</p>
<p>Fait à {{ $club->city }}, le {{ now()->locale('fr')->isoFormat('D MMMM YYYY') }}, en deux exemplaires.</p>
</div>
<div class="signatures">
<table>
<tr>
<td style="width:45%"><div>Pour l'organisation,<br>{{ $club->legal_representative_name }}</div><div class="signature-block">Signature</div></td>
<td style="width:10%"></td>
<td style="width:45%"><div>Le volontaire,<br>{{ $teacher->user->name }}<br>lu et approuvé</div><div class="signature-block">Signature</div></td>
</tr>
</table>
</div>
</body>
</html>
