<?php
// mail.php VENDOR BASE: the default mailer of the app in BASE as the real Laravel makes it,
// in the words of test_mail_settings.c.
[, $vendor, $base] = $argv;
require "$vendor/autoload.php";

use Symfony\Component\Mailer\Transport\SendmailTransport;
use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransport;

$app = new Illuminate\Foundation\Application($base);
$app->bootstrapWith([
    Illuminate\Foundation\Bootstrap\LoadEnvironmentVariables::class,
    Illuminate\Foundation\Bootstrap\LoadConfiguration::class,
]);
foreach (['View\ViewServiceProvider', 'Filesystem\FilesystemServiceProvider'] as $provider) {
    $app->register("Illuminate\\$provider");
}
$mailer = (new Illuminate\Mail\MailManager($app))->mailer();
$inside = fn ($object, $name) => (new ReflectionProperty($object, $name))->getValue($object);
$transport = $mailer->getSymfonyTransport();

if ($transport instanceof EsmtpTransport) {
    $stream = $transport->getStream();
    $tls = $stream->isTls() ? 'tls'
        : ($transport->isTlsRequired() ? 'starttls!' : ($transport->isAutoTls() ? 'starttls' : 'plain'));
    $verify = $stream->getStreamOptions()['ssl']['verify_peer'] ?? true;
    echo "smtp {$stream->getHost()}:{$stream->getPort()} $tls", $verify ? '' : ' unverified',
        " ehlo {$transport->getLocalDomain()} timeout {$stream->getTimeout()}";
    if ($transport->getUsername() !== '') {
        echo " login {$transport->getUsername()}/{$transport->getPassword()}";
    }
    $of = fn ($class, $name) => (new ReflectionProperty($class, $name))->getValue($transport);
    $smtp = Symfony\Component\Mailer\Transport\Smtp\SmtpTransport::class;
    $source = $stream->getSourceIp() === null ? '' : " from ip {$stream->getSourceIp()}";
    $rate = $of(Symfony\Component\Mailer\Transport\AbstractTransport::class, 'rate');
    // With 0 it restarts after each mail, as with 1.
    $restart = max(1, $of($smtp, 'restartThreshold')).'+'.$of($smtp, 'restartThresholdSleep');
    $ping = $of($smtp, 'pingThreshold');
    echo $source, $rate ? ' gap '.(int) (1000 / $rate) : '', $restart === '100+0' ? '' : " restart $restart",
        $ping === 100 ? '' : " ping $ping";
} elseif ($transport instanceof SendmailTransport) {
    echo 'sendmail [', $inside($transport, 'command'), ']';
} else {
    echo $transport;
    $config = $app['config'];
    $channel = $config["mail.mailers.{$config['mail.default']}.channel"] ?? $config['mail.log_channel'] ?? null;
    echo $channel === null ? '' : " channel $channel";
}
foreach (['from' => 'from', 'reply' => 'replyTo', 'to' => 'to', 'bounce' => 'returnPath'] as $word => $name) {
    if ($address = $inside($mailer, $name)) {
        echo " $word ", $address['name'] ?? '', " <{$address['address']}>";
    }
}
