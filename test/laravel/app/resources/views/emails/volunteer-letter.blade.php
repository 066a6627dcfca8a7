<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Note d'information au volontaire</title>
</head>
<body style="font-family: Arial, sans-serif; color: #333333; line-height: 1.5;">
<p>Bonjour {{ $teacherName }},</p>
<p>Vous trouverez en pièce jointe la note d'information que <strong>{{ $clubName }}</strong>
remet à chacun de ses volontaires&nbsp;: organisation, assurances, défraiement, secret
professionnel et déclaration.</p>
<p>Merci de la lire, d'en signer deux exemplaires et de nous en renvoyer un. 🐴</p>
@if ($clubName)
<p>Bien cordialement,<br>{{ $clubName }}</p>
@endif
</body>
</html>
