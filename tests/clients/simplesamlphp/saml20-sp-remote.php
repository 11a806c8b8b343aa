<?php
// The service provider, as the test tells it: requests must be signed, and assertions are encrypted.
$sp = json_decode(file_get_contents(getenv('DOORWARD_FOLDER') . '/sp.json'), true);
$metadata[$sp['entity_id']] = [
    'AssertionConsumerService' => $sp['acs'],
    'certData' => $sp['certificate'],
    'validate.authnrequest' => true,
    'assertion.encryption' => true,
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
] + ($sp['gcm'] ? ['sharedkey_algorithm' => 'http://www.w3.org/2009/xmlenc11#aes256-gcm'] : []);
