<?php
// The service provider, as the test tells it. Requests must be signed, of sign-outs too. For a certificate, this version encrypts with AES-CBC
// alone: `sharedkey_algorithm` is read only where a key was shared beforehand.
$sp = json_decode(file_get_contents(getenv('DOORWARD_FOLDER') . '/sp.json'), true);
$metadata[$sp['entity_id']] = [
    'AssertionConsumerService' => $sp['acs'],
    'SingleLogoutService' => str_replace('/acs', '/slo', $sp['acs']),
    'sign.logout' => true,
    'validate.logout' => true,
    'certData' => $sp['certificate'],
    'validate.authnrequest' => true,
    'assertion.encryption' => $sp['encrypts'],
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
];
