<?php

namespace App\Jobs;

use App\Mail\VolunteerLetterMail;
use App\Models\Club;
use App\Models\Teacher;
use App\Models\VolunteerLetterSend;
use Barryvdh\DomPDF\Facade\Pdf;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use Illuminate\Support\Facades\File;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Mail;
use Throwable;

/** Renders the information note of one volunteer and mails it, with one row per attempt. */
class SendVolunteerLetterJob implements ShouldQueue
{
    use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

    private const LOG = 'SendVolunteerLetterJob - ';

    public $tries = 3;

    public $timeout = 120;

    // Without types: an id may come as a numeric string, and one that is null is left
    // out of the payload, since it equals the property's default.
    public function __construct(
        protected $clubId,
        protected $teacherId,
        protected $sentByUserId = null,
    ) {}

    public function handle(): void
    {
        $club = Club::find($this->clubId);
        $teacher = Teacher::with('user')->find($this->teacherId);

        if (! $club || ! $teacher?->user?->email) {
            Log::error(self::LOG.'Données manquantes', [
                'club_id' => $this->clubId,
                'teacher_id' => $this->teacherId,
            ]);

            return;
        }

        $send = VolunteerLetterSend::create([
            'club_id' => $club->id,
            'teacher_id' => $teacher->id,
            'sent_by_user_id' => $this->sentByUserId,
            'recipient_email' => $teacher->user->email,
            'status' => 'pending',
        ]);
        $pdf = $this->path($club, $teacher);

        try {
            $this->render($club, $teacher, $pdf, $send);
            $this->mail($club, $teacher, $pdf, $send);
            $send->update(['status' => 'sent', 'sent_at' => now()]);
            Log::info(self::LOG.'Lettre envoyée avec succès', [
                'teacher' => $teacher->user->name,
                'email' => $teacher->user->email,
            ]);
        } catch (Throwable $e) {
            $send->update(['status' => 'failed', 'error_message' => $e->getMessage()]);
            Log::error(self::LOG.'Erreur', [
                'teacher_id' => $this->teacherId,
                'error' => $e->getMessage(),
            ]);

            throw $e;
        } finally {
            File::delete($pdf);
        }
    }

    public function failed(?Throwable $e): void
    {
        VolunteerLetterSend::where('club_id', $this->clubId)
            ->where('teacher_id', $this->teacherId)
            ->where('status', 'pending')
            ->latest()
            ->first()
            ?->update([
                'status' => 'failed',
                'error_message' => "Échec après {$this->tries} tentatives: {$e?->getMessage()}",
            ]);

        Log::error(self::LOG.'Échec définitif après tous les essais', [
            'club_id' => $this->clubId,
            'teacher_id' => $this->teacherId,
            'error' => $e?->getMessage(),
        ]);
    }

    private function path(Club $club, Teacher $teacher): string
    {
        File::ensureDirectoryExists(storage_path('app/temp'));

        return storage_path("app/temp/volunteer_letter_{$club->id}_{$teacher->id}_".time().'.pdf');
    }

    private function render(Club $club, Teacher $teacher, string $pdf, VolunteerLetterSend $send): void
    {
        try {
            Pdf::loadView('pdf.volunteer-letter', compact('club', 'teacher'))
                ->setPaper('a4', 'portrait')
                ->save($pdf);
        } catch (Throwable $e) {
            $this->step($send, 'Erreur génération PDF', $e, []);

            throw $e;
        }
    }

    private function mail(Club $club, Teacher $teacher, string $pdf, VolunteerLetterSend $send): void
    {
        try {
            Mail::to($teacher->user->email)->send(new VolunteerLetterMail($club, $teacher, $pdf));
        } catch (Throwable $e) {
            $this->step($send, 'Erreur envoi email', $e, ['email' => $teacher->user->email]);

            throw $e;
        }
    }

    /** Tells which step of the attempt failed, in the row and in the log. */
    private function step(VolunteerLetterSend $send, string $what, Throwable $e, array $more): void
    {
        $send->update(['status' => 'failed', 'error_message' => "{$what}: {$e->getMessage()}"]);
        Log::error(self::LOG.$what, [
            'teacher_id' => $this->teacherId,
            ...$more,
            'error' => $e->getMessage(),
            'trace' => $e->getTraceAsString(),
        ]);
    }
}
