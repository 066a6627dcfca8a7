<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

/** One attempt to send one letter. */
class VolunteerLetterSend extends Model
{
    protected $fillable = [
        'club_id',
        'teacher_id',
        'sent_by_user_id',
        'recipient_email',
        'status',
        'error_message',
        'sent_at',
    ];

    protected $casts = [
        'sent_at' => 'datetime',
    ];
}
