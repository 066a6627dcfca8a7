<?php

// The data of one letter, as the tests of facteur and of Laravel beside it use them.
return [
    'club' => [
        'name' => 'ASBL Équitation du Brabant',
        'description' => "Promouvoir la pratique de l'équitation",
        'address' => "Rue de l'Étrier 12",
        'postal_code' => '1300',
        'city' => 'Wavre',
        'country' => 'Belgique',
        'company_number' => 'BE 0123.456.789',
        'legal_representative_name' => 'Élise Dupont',
        'legal_representative_role' => 'Présidente',
        'insurance_rc_company' => 'Ethias',
        'insurance_rc_policy_number' => 'RC-123',
        'insurance_additional_company' => 'AG',
        'insurance_additional_policy_number' => 'C-456',
        'insurance_additional_details' => 'Dommages corporels',
        'expense_reimbursement_type' => 'forfait',
        'expense_reimbursement_details' => '20 EUR / jour',
    ],
    'teacher' => [
        'id' => 7,
        'user' => [
            'name' => 'Jean Peeters',
            'email' => 'jean.peeters@example.be',
            'address' => 'Chaussée 5',
            'postal_code' => '1348',
            'city' => 'Louvain-la-Neuve',
            'country' => 'Belgique',
        ],
    ],
];
