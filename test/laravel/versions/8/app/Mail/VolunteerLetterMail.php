<?php

namespace App\Mail;

use App\Models\Club;
use App\Models\Teacher;
use Illuminate\Bus\Queueable;
use Illuminate\Mail\Mailable;
use Illuminate\Queue\SerializesModels;

class VolunteerLetterMail extends Mailable
{
    use Queueable, SerializesModels;

    public function __construct(
        public Club $club,
        public Teacher $teacher,
        protected string $pdfPath,
    ) {}

    public function build()
    {
        return $this->subject("Note d'Information au Volontaire - {$this->club->name}")
            ->view('emails.volunteer-letter')
            ->with([
                'clubName' => $this->club->name,
                'teacherName' => $this->teacher->user->name,
            ])
            ->attach($this->pdfPath, [
                'as' => 'Note_Information_Volontaire.pdf',
                'mime' => 'application/pdf',
            ]);
    }
}
