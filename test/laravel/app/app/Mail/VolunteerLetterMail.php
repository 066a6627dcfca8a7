<?php

namespace App\Mail;

use App\Models\Club;
use App\Models\Teacher;
use Illuminate\Bus\Queueable;
use Illuminate\Mail\Mailable;
use Illuminate\Mail\Mailables\Attachment;
use Illuminate\Mail\Mailables\Content;
use Illuminate\Mail\Mailables\Envelope;
use Illuminate\Queue\SerializesModels;

class VolunteerLetterMail extends Mailable
{
    use Queueable, SerializesModels;

    public function __construct(
        public Club $club,
        public Teacher $teacher,
        protected string $pdfPath,
    ) {}

    public function envelope(): Envelope
    {
        return new Envelope(
            subject: "Note d'Information au Volontaire - {$this->club->name}",
        );
    }

    public function content(): Content
    {
        return new Content(
            view: 'emails.volunteer-letter',
            with: [
                'clubName' => $this->club->name,
                'teacherName' => $this->teacher->user->name,
            ],
        );
    }

    public function attachments(): array
    {
        return [
            Attachment::fromPath($this->pdfPath)
                ->as('Note_Information_Volontaire.pdf')
                ->withMime('application/pdf'),
        ];
    }
}
