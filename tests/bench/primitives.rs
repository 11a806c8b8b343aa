//! The cryptography that no server can do without, alone on a core.

use std::hint::black_box;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair, UnparsedPublicKey,
};

use crate::load::count;

/// How often a core does each, per second.
pub(crate) struct Primitives {
    pub(crate) es256_sign: f64,
    pub(crate) es256_verify: f64,
    pub(crate) rs256_sign: f64,
    /// 19 MiB, two passes, in memory that is used again: as the server does it.
    pub(crate) argon2id: f64,
}

impl Primitives {
    /// Each by its name.
    pub(crate) fn all(&self) -> [(&'static str, f64); 4] {
        [
            ("ES256 signature", self.es256_sign),
            ("ES256 verification", self.es256_verify),
            ("RS256 signature", self.rs256_sign),
            ("Argon2id hash", self.argon2id),
        ]
    }

    pub(crate) fn measure() -> Self {
        // As long as what an access token signs.
        let message = [b'x'; 900];
        let rng = SystemRandom::new();
        let ecdsa = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let signature = ecdsa.sign(&rng, &message).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, ecdsa.public_key().as_ref());
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let mut signed = vec![0; rsa.public_modulus_len()];
        let params = Params::new(19 * 1024, 2, 1, Some(32)).unwrap();
        let mut memory = vec![Block::default(); params.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = [0; 32];
        Self {
            es256_sign: rate(|| {
                black_box(ecdsa.sign(&rng, &message).unwrap());
            }),
            es256_verify: rate(|| public.verify(&message, signature.as_ref()).unwrap()),
            rs256_sign: rate(|| {
                rsa.sign(&RSA_PKCS1_SHA256, &rng, &message, &mut signed).unwrap();
            }),
            argon2id: rate(|| {
                let (password, salt) = (b"alice keeps the keys", b"sixteen bytes!!!");
                argon2
                    .hash_password_into_with_memory(password, salt, &mut hash, &mut memory)
                    .unwrap();
            }),
        }
    }
}

/// How often something can be done in a second.
fn rate(mut work: impl FnMut()) -> f64 {
    for _ in 0..10 {
        work();
    }
    let (start, mut done) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(1) {
        for _ in 0..10 {
            work();
        }
        done += 10;
    }
    count(done) / start.elapsed().as_secs_f64()
}
