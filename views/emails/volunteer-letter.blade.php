{{--
    Le message qui accompagne la note d'information au volontaire.
    Variables : $clubName, $teacherName.
    La vue resources/views/emails/volunteer-letter.blade.php de l'application passe avant celle-ci.
--}}
<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Note d'information au volontaire</title>
</head>
<body style="margin: 0; padding: 24px 12px; background: #f3f4f6; font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 1.5; color: #1f2933;">
<div style="max-width: 600px; margin: 0 auto; padding: 28px 32px; background: #ffffff; border-radius: 6px;">
    <p style="margin: 0 0 16px;">Bonjour {{ $teacherName }},</p>
    <p style="margin: 0 0 16px;">Vous trouverez en pièce jointe la <strong>note d'information au volontaire</strong> que {{ $clubName }} doit vous remettre en vertu de la loi du 3 juillet 2005 relative aux droits des volontaires.</p>
    <p style="margin: 0 0 8px;">Ce document PDF de quelques pages vous informe sur :</p>
    <ul style="margin: 0 0 16px; padding-left: 24px;">
        <li>l'organisation et son objet ;</li>
        <li>les assurances qui vous couvrent ;</li>
        <li>le remboursement de vos frais ;</li>
        <li>la discrétion et le secret professionnel.</li>
    </ul>
    <p style="margin: 0 0 16px;">Lisez-le avec attention, imprimez-le en deux exemplaires et signez-les en y ajoutant la mention « lu et approuvé ». <strong>Renvoyez-nous un exemplaire signé</strong>, par courrier, en mains propres ou numérisé en réponse à ce message ; l'autre est pour vous.</p>
    <p style="margin: 0 0 16px;">Une question ? Répondez simplement à ce message.</p>
    <p style="margin: 0;">Merci pour votre engagement, et à bientôt,<br>{{ $clubName }}</p>
</div>
</body>
</html>
