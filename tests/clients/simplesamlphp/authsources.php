<?php
// Who is there.
$config = [
    'people' => [
        'exampleauth:UserPass',
        'bob:upstream password' => [
            'uid' => ['bob-1'],
            'mail' => ['bob@acme.example'],
            'displayName' => ['Bob Becker'],
            'groups' => ['fleet-admins', 'everybody'],
        ],
    ],
];
