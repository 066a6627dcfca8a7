{{--
    La note d'information au volontaire (loi du 3 juillet 2005, article 4), sur trois pages A4.
    Variables : $club (table clubs), $teacher et $teacher->user (tables teachers et users).
    La vue resources/views/pdf/volunteer-letter.blade.php de l'application passe avant celle-ci.
--}}
<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Note d'information au volontaire</title>
<style>
    @page { margin: 18mm; }
    body {
        margin: 0;
        padding: 28px 32px;
        font-family: 'DejaVu Serif', serif;
        font-size: 11pt;
        line-height: 1.55;
        color: #1a1a1a;
        text-align: justify;
    }
    h1 { margin: 0 0 4px; font-size: 16pt; text-align: center; page-break-after: avoid; }
    h2, h3 { font-family: 'DejaVu Sans', sans-serif; text-align: left; page-break-after: avoid; }
    h2 { margin: 18px 0 6px; font-size: 12pt; }
    h3 { margin: 0; font-size: 10pt; color: #444; }
    p { margin: 6px 0; }
    ul { margin: 6px 0; padding-left: 24px; }
    .intro {
        margin: 0 0 20px;
        font-size: 9pt;
        font-style: italic;
        color: #444;
        text-align: center;
        page-break-after: avoid;
    }
    .section { margin-top: 14px; }
    .partie { margin-top: 10px; padding-left: 16px; page-break-inside: avoid; }
    .gauche { text-align: left; }
    .signatures { margin-top: 20px; page-break-inside: avoid; }
    .cadre { width: 100%; }
    .signataire { width: 45%; font-size: 10.5pt; text-align: left; vertical-align: top; }
    .ecart { width: 10%; }
    .ligne { margin: 0; }
    .signature-block { margin-top: 72px; border-top: 1px solid #1a1a1a; font-size: 9pt; }
</style>
</head>
<body>

<h1>Note d'information au volontaire</h1>
<p class="intro">Article 4 de la loi du 3 juillet 2005 relative aux droits des volontaires</p>

<div class="section">
    <p>Une organisation qui fait appel à des volontaires leur doit, avant le début de leur activité, quelques informations : qui elle est et ce qu'elle poursuit, comment ils sont assurés, ce qui leur est remboursé et le secret auquel ils peuvent être tenus. La présente note les réunit. Elle n'est pas un contrat de travail et ne crée aucun lien de subordination ; chacun peut mettre fin à la collaboration à tout moment, en prévenant l'autre dans un délai raisonnable.</p>
</div>

<div class="partie">
    <h3>L'organisation</h3>
    <p class="ligne gauche"><strong>{{ $club->name }}</strong>, association sans but lucratif (ASBL)</p>
    @if($club->address || $club->street || $club->city)
    <p class="ligne gauche">Siège :
        @if($club->address)
        {{ $club->address }}@if($club->city),@endif
        @elseif($club->street)
        {{ $club->street }} {{ $club->street_number }} {{ $club->street_box }}@if($club->city),@endif
        @endif
        {{ $club->postal_code }} {{ $club->city }}@if($club->country), {{ $club->country }}@endif
    </p>
    @endif
    @if($club->company_number)
    <p class="ligne gauche">Numéro d'entreprise (BCE) : {{ $club->company_number }}</p>
    @endif
    @if($club->legal_representative_name)
    <p class="ligne gauche">Représentée par {{ $club->legal_representative_name }}@if($club->legal_representative_role), {{ $club->legal_representative_role }}@endif
    </p>
    @endif
    <p class="ligne gauche">ci-après « l'organisation »</p>
</div>

<div class="partie">
    <h3>Le volontaire</h3>
    <p class="ligne gauche"><strong>{{ $teacher->user->name }}</strong></p>
    @if($teacher->user->address || $teacher->user->street || $teacher->user->city)
    <p class="ligne gauche">Domicile :
        @if($teacher->user->address)
        {{ $teacher->user->address }}@if($teacher->user->city),@endif
        @elseif($teacher->user->street)
        {{ $teacher->user->street }} {{ $teacher->user->street_number }} {{ $teacher->user->street_box }}@if($teacher->user->city),@endif
        @endif
        {{ $teacher->user->postal_code }} {{ $teacher->user->city }}@if($teacher->user->country), {{ $teacher->user->country }}@endif
    </p>
    @endif
    <p class="ligne gauche">ci-après « le volontaire », quel que soit son genre</p>
</div>

<div class="section">
    <h2>1. L'objet de l'organisation</h2>
    <p>L'organisation est constituée sous la forme d'une association sans but lucratif. Elle ne distribue à ses membres aucun avantage patrimonial et consacre toutes ses ressources à son objet désintéressé.</p>
    @if($club->description)
    <p>Cet objet est le suivant : {{ $club->description }}</p>
    @else
    <p>Cet objet est décrit dans ses statuts, que le volontaire peut consulter au siège.</p>
    @endif
    <p>Le volontaire y contribue librement et sans rétribution.</p>
</div>

<div class="section">
    <h2>2. Les assurances</h2>
    <p>L'organisation répond du dommage que le volontaire cause à des tiers dans l'exercice de son activité, sauf en cas de dol, de faute grave ou de faute légère habituelle de sa part. Elle a souscrit pour cela une assurance qui couvre sa responsabilité civile.</p>
    <ul>
        @if($club->insurance_rc_company)
        <li>Assureur en responsabilité civile : <strong>{{ $club->insurance_rc_company }}</strong>@if($club->insurance_rc_policy_number), police n° <strong>{{ $club->insurance_rc_policy_number }}</strong>@endif</li>
        @else
        <li>Assureur en responsabilité civile : ses coordonnées sont communiquées par l'organisation sur simple demande</li>
        @endif
        @if($club->insurance_additional_company)
        <li>Assurance complémentaire : <strong>{{ $club->insurance_additional_company }}</strong>@if($club->insurance_additional_policy_number), police n° <strong>{{ $club->insurance_additional_policy_number }}</strong>@endif</li>
        @endif
    </ul>
    @if($club->insurance_additional_company && $club->insurance_additional_details)
    <p>L'assurance complémentaire couvre les risques suivants : {{ $club->insurance_additional_details }}</p>
    @elseif($club->insurance_additional_company)
    <p>L'étendue de l'assurance complémentaire figure dans la police, que le volontaire peut consulter.</p>
    @else
    <p>L'organisation n'a pas souscrit d'autre assurance pour ses volontaires.</p>
    @endif
    <p>Tout accident ou dommage est signalé à l'organisation le jour même si possible, afin qu'elle puisse le déclarer à l'assureur dans le délai prévu par la police.</p>
</div>

<div class="section">
    <h2>3. Les frais</h2>
    @if($club->expense_reimbursement_type === 'forfait')
    <p>Le volontariat n'est pas rémunéré. L'organisation rembourse les frais du volontaire de manière <strong>forfaitaire</strong>, sans qu'il doive en apporter la preuve.</p>
    @if($club->expense_reimbursement_details)
    <p>Montant et modalités : {{ $club->expense_reimbursement_details }}</p>
    @endif
    <p>Le total de ces indemnités, toutes organisations confondues, ne peut dépasser les plafonds légaux : 42,31 € par jour et 1 692,51 € par an (montants de 2025, indexés chaque année). Le volontaire veille à ne pas les dépasser et prévient l'organisation s'il en approche.</p>
    @elseif($club->expense_reimbursement_type === 'reel')
    <p>Le volontariat n'est pas rémunéré. L'organisation rembourse les <strong>frais réels</strong> que le volontaire expose pour son activité, sur présentation des pièces qui les justifient.</p>
    @if($club->expense_reimbursement_details)
    <p>Frais admis et modalités : {{ $club->expense_reimbursement_details }}</p>
    @endif
    <p>Le remboursement de frais réels ne se cumule pas avec une indemnité forfaitaire, sauf pour les déplacements dans les limites de la loi.</p>
    @else
    <p>Le volontariat n'est pas rémunéré. L'organisation <strong>ne rembourse pas de frais</strong> au volontaire, qui l'accepte.</p>
    @if($club->expense_reimbursement_details)
    <p>Précisions : {{ $club->expense_reimbursement_details }}</p>
    @endif
    @endif
</div>

<div class="section">
    <h2>4. La discrétion et le secret</h2>
    <p>Le volontaire apprend, par son activité, des choses qui concernent d'autres personnes : membres, enfants et parents, collègues. Il en use avec discrétion pendant la collaboration et après elle, ne les communique qu'à ceux qui doivent les connaître dans l'organisation, et protège de même les données personnelles qui lui sont confiées.</p>
    <p>Si des secrets lui sont confiés en raison de son activité, il est tenu au secret professionnel. L'article 458 du Code pénal punit celui qui révèle de tels secrets hors des cas où il est appelé à témoigner en justice et de ceux où la loi l'oblige ou l'autorise à les faire connaître. Cette obligation subsiste après la fin du volontariat.</p>
</div>

<div class="section">
    <h2>5. La déclaration du volontaire</h2>
    <p>Le volontaire déclare avoir reçu un exemplaire de la présente note, l'avoir lue et avoir pu poser ses questions avant de commencer son activité.</p>
    <p>S'il perçoit une allocation de chômage, une indemnité d'incapacité de travail, un revenu d'intégration ou une autre prestation sociale, il sait qu'il lui appartient d'avertir au préalable l'organisme qui la lui paie.</p>
    <p>Il prévient l'organisation dès qu'une donnée de cette note change pour lui, son adresse par exemple, et l'informe des autres organisations qui l'indemnisent dans la même année.</p>
</div>

<div class="section">
    @if($club->city)
    <p class="gauche">Fait à {{ $club->city }}, le {{ now()->locale('fr')->isoFormat('D MMMM YYYY') }}.</p>
    @else
    <p class="gauche">Fait le {{ now()->locale('fr')->isoFormat('D MMMM YYYY') }}.</p>
    @endif
    <p class="gauche">La présente note est établie en deux exemplaires, un pour chaque partie.</p>
</div>

<div class="signatures">
    <table class="cadre">
        <tr>
            <td class="signataire">
                <p class="ligne"><strong>Pour l'organisation</strong></p>
                <p class="ligne">{{ $club->legal_representative_name ?? $club->name }}</p>
                <div class="signature-block">Signature</div>
            </td>
            <td class="ecart"></td>
            <td class="signataire">
                <p class="ligne"><strong>Le volontaire</strong></p>
                <p class="ligne">{{ $teacher->user->name }}</p>
                <p class="ligne">« lu et approuvé »</p>
                <div class="signature-block">Mention manuscrite et signature</div>
            </td>
        </tr>
    </table>
</div>

</body>
</html>
