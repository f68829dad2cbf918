//! The digits of a double: Grisu2, from Florian Loitsch, "Printing floating-point
//! numbers quickly and accurately with integers" (2010).
//!
//! It gives digits that read as the same number again, and nearly always the
//! fewest. Where it does not, nlohmann's library writes more digits than needed,
//! and so must we: hence not the exact algorithm of the standard library.

/// A positive number `significand * 2^exponent`.
#[derive(Clone, Copy)]
struct Scaled {
    significand: u64,
    exponent: i32,
}

impl Scaled {
    /// The same number with the highest bit of the significand set.
    fn normalised(self) -> Self {
        self.with_exponent(self.exponent - self.significand.leading_zeros() as i32)
    }

    /// The same number with a lower exponent.
    fn with_exponent(self, exponent: i32) -> Self {
        Self {
            significand: self.significand << (self.exponent - exponent),
            exponent,
        }
    }

    /// The product, its significand rounded to 64 bits.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand);
        Self {
            significand: ((product + (1 << 63)) >> 64) as u64,
            exponent: self.exponent + other.exponent + 64,
        }
    }
}

/// The digits of a positive, finite number, and the power of ten that the last of
/// them counts.
pub(super) fn digits(value: f64) -> (String, i32) {
    let (lower, exact, upper) = boundaries(value);
    let (power, decimal_exponent) = cached_power(upper.exponent);
    // The products are off by less than one, so that what is strictly inside is
    // safe.
    let lower = lower.times(power).significand + 1;
    let exact = exact.times(power).significand;
    let upper = upper.times(power);
    let (digits, shift) = generate(
        lower,
        exact,
        Scaled {
            significand: upper.significand - 1,
            ..upper
        },
    );
    (digits, shift - decimal_exponent)
}

/// The number and what lies half-way to its neighbours, all with one exponent.
fn boundaries(value: f64) -> (Scaled, Scaled, Scaled) {
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;
    const BIAS: i32 = 1075;
    let bits = value.to_bits();
    let biased = (bits >> FRACTION_BITS) as i32;
    let fraction = bits & (HIDDEN_BIT - 1);
    let number = if biased == 0 {
        Scaled {
            significand: fraction,
            exponent: 1 - BIAS,
        }
    } else {
        Scaled {
            significand: fraction + HIDDEN_BIT,
            exponent: biased - BIAS,
        }
    };
    let upper = Scaled {
        significand: 2 * number.significand + 1,
        exponent: number.exponent - 1,
    }
    .normalised();
    // Below a power of two the doubles are twice as close.
    let lower = if fraction == 0 && biased > 1 {
        Scaled {
            significand: 4 * number.significand - 1,
            exponent: number.exponent - 2,
        }
    } else {
        Scaled {
            significand: 2 * number.significand - 1,
            exponent: number.exponent - 1,
        }
    };
    (
        lower.with_exponent(upper.exponent),
        number.normalised(),
        upper,
    )
}

/// A power of ten that brings a number with this exponent to one between -60 and
/// -32, and its exponent.
fn cached_power(exponent: i32) -> (Scaled, i32) {
    const LOWEST: i32 = -60;
    const FIRST: i32 = -300;
    const STEP: i32 = 8;
    // log10(2) in 18 bits after the point.
    let distance = LOWEST - exponent - 1;
    let wanted = distance * 78_913 / (1 << 18) + i32::from(distance > 0);
    let index = (wanted - FIRST + STEP - 1) / STEP;
    let (significand, exponent) = POWERS[index as usize];
    let power = Scaled {
        significand,
        exponent,
    };
    (power, FIRST + STEP * index)
}

/// The digits of a number near `exact` and between `lower` and `upper`, all with
/// the exponent of `upper`; and the power of ten of the last digit.
fn generate(lower: u64, exact: u64, upper: Scaled) -> (String, i32) {
    let mut interval = upper.significand - lower;
    let mut distance = upper.significand - exact;
    let point = -upper.exponent as u32;
    let one = 1_u64 << point;
    let mut whole = upper.significand >> point;
    let mut fraction = upper.significand & (one - 1);
    let mut digits = Vec::with_capacity(17);

    let mut count = whole.checked_ilog10().map_or(1, |log| log + 1);
    while count > 0 {
        count -= 1;
        let unit = 10_u64.pow(count);
        digits.push(b'0' + (whole / unit) as u8);
        whole %= unit;
        let rest = (whole << point) + fraction;
        if rest <= interval {
            round(&mut digits, distance, interval, rest, unit << point);
            return (text(digits), count as i32);
        }
    }
    let mut shift = 0;
    loop {
        fraction *= 10;
        digits.push(b'0' + (fraction >> point) as u8);
        fraction &= one - 1;
        shift -= 1;
        interval *= 10;
        distance *= 10;
        if fraction <= interval {
            round(&mut digits, distance, interval, fraction, one);
            return (text(digits), shift);
        }
    }
}

/// Lowers the last digit as long as that brings the number nearer.
fn round(digits: &mut [u8], distance: u64, interval: u64, mut rest: u64, unit: u64) {
    let Some(last) = digits.last_mut() else {
        return;
    };
    while rest < distance
        && interval - rest >= unit
        && (rest + unit < distance || distance - rest > rest + unit - distance)
    {
        *last -= 1;
        rest += unit;
    }
}

fn text(digits: Vec<u8>) -> String {
    digits.into_iter().map(char::from).collect()
}

/// 10^-300, 10^-292, … 10^324 as 64 bits and a power of two.
#[rustfmt::skip]
const POWERS: [(u64, i32); 79] = [
    (0xab70_fe17_c79a_c6ca, -1060),
    (0xff77_b1fc_bebc_dc4f, -1034),
    (0xbe56_91ef_416b_d60c, -1007),
    (0x8dd0_1fad_907f_fc3c, -980),
    (0xd351_5c28_3155_9a83, -954),
    (0x9d71_ac8f_ada6_c9b5, -927),
    (0xea9c_2277_23ee_8bcb, -901),
    (0xaecc_4991_4078_536d, -874),
    (0x823c_1279_5db6_ce57, -847),
    (0xc210_9436_4dfb_5637, -821),
    (0x9096_ea6f_3848_984f, -794),
    (0xd774_85cb_2582_3ac7, -768),
    (0xa086_cfcd_97bf_97f4, -741),
    (0xef34_0a98_172a_ace5, -715),
    (0xb238_67fb_2a35_b28e, -688),
    (0x84c8_d4df_d2c6_3f3b, -661),
    (0xc5dd_4427_1ad3_cdba, -635),
    (0x936b_9fce_bb25_c996, -608),
    (0xdbac_6c24_7d62_a584, -582),
    (0xa3ab_6658_0d5f_daf6, -555),
    (0xf3e2_f893_dec3_f126, -529),
    (0xb5b5_ada8_aaff_80b8, -502),
    (0x8762_5f05_6c7c_4a8b, -475),
    (0xc9bc_ff60_34c1_3053, -449),
    (0x964e_858c_91ba_2655, -422),
    (0xdff9_7724_7029_7ebd, -396),
    (0xa6df_bd9f_b8e5_b88f, -369),
    (0xf8a9_5fcf_8874_7d94, -343),
    (0xb944_7093_8fa8_9bcf, -316),
    (0x8a08_f0f8_bf0f_156b, -289),
    (0xcdb0_2555_6531_31b6, -263),
    (0x993f_e2c6_d07b_7fac, -236),
    (0xe45c_10c4_2a2b_3b06, -210),
    (0xaa24_2499_6973_92d3, -183),
    (0xfd87_b5f2_8300_ca0e, -157),
    (0xbce5_0864_9211_1aeb, -130),
    (0x8cbc_cc09_6f50_88cc, -103),
    (0xd1b7_1758_e219_652c, -77),
    (0x9c40_0000_0000_0000, -50),
    (0xe8d4_a510_0000_0000, -24),
    (0xad78_ebc5_ac62_0000, 3),
    (0x813f_3978_f894_0984, 30),
    (0xc097_ce7b_c907_15b3, 56),
    (0x8f7e_32ce_7bea_5c70, 83),
    (0xd5d2_38a4_abe9_8068, 109),
    (0x9f4f_2726_179a_2245, 136),
    (0xed63_a231_d4c4_fb27, 162),
    (0xb0de_6538_8cc8_ada8, 189),
    (0x83c7_088e_1aab_65db, 216),
    (0xc45d_1df9_4271_1d9a, 242),
    (0x924d_692c_a61b_e758, 269),
    (0xda01_ee64_1a70_8dea, 295),
    (0xa26d_a399_9aef_774a, 322),
    (0xf209_787b_b47d_6b85, 348),
    (0xb454_e4a1_79dd_1877, 375),
    (0x865b_8692_5b9b_c5c2, 402),
    (0xc835_53c5_c896_5d3d, 428),
    (0x952a_b45c_fa97_a0b3, 455),
    (0xde46_9fbd_99a0_5fe3, 481),
    (0xa59b_c234_db39_8c25, 508),
    (0xf6c6_9a72_a398_9f5c, 534),
    (0xb7dc_bf53_54e9_bece, 561),
    (0x88fc_f317_f222_41e2, 588),
    (0xcc20_ce9b_d35c_78a5, 614),
    (0x9816_5af3_7b21_53df, 641),
    (0xe2a0_b5dc_971f_303a, 667),
    (0xa8d9_d153_5ce3_b396, 694),
    (0xfb9b_7cd9_a4a7_443c, 720),
    (0xbb76_4c4c_a7a4_4410, 747),
    (0x8bab_8eef_b640_9c1a, 774),
    (0xd01f_ef10_a657_842c, 800),
    (0x9b10_a4e5_e991_3129, 827),
    (0xe710_9bfb_a19c_0c9d, 853),
    (0xac28_20d9_623b_f429, 880),
    (0x8044_4b5e_7aa7_cf85, 907),
    (0xbf21_e440_03ac_dd2d, 933),
    (0x8e67_9c2f_5e44_ff8f, 960),
    (0xd433_179d_9c8c_b841, 986),
    (0x9e19_db92_b4e3_1ba9, 1013),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(value: f64) -> f64 {
        let (digits, exponent) = digits(value);
        format!("{digits}e{exponent}").parse().unwrap()
    }

    #[test]
    fn extremes_read_as_themselves() {
        for value in [
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            1.0,
            0.1,
            1e23,
        ] {
            assert_eq!(read(value).to_bits(), value.to_bits());
        }
    }

    /// What Nix 2.34 writes with a digit more than it takes.
    #[test]
    fn sometimes_there_is_a_digit_too_many() {
        assert_eq!(digits(1.958_599_873_049_319e16).0, "19585998730493192");
    }

    proptest! {
        #[test]
        fn digits_read_as_the_same_number(bits in 1..f64::INFINITY.to_bits()) {
            let value = f64::from_bits(bits);
            prop_assert_eq!(read(value).to_bits(), value.to_bits());
        }
    }
}
