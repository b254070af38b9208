//! How far apart outlets are, and how fast somebody must have been, in integers.
//!
//! Equirectangular: differences of latitude and of longitude, the latter shortened by the cosine of the middle latitude,
//! as legs of a right triangle. Within a city the error is metres; over a thousand kilometres at 60 degrees it is about
//! one part in a hundred, and no rule is that fine.

use crate::facts::Position;

/// Metres in a degree of latitude, times a million divided by a million degrees: 111.195 km, of a sphere of 6,371 km.
const METRES_PER_DEGREE: i64 = 111_195;
/// Cosines of whole degrees from 0 to 90, in millionths.
const COSINES: [i64; 91] = [
    1_000_000, 999_848, 999_391, 998_630, 997_564, 996_195, 994_522, 992_546, 990_268, 987_688, 984_808,
    981_627, 978_148, 974_370, 970_296, 965_926, 961_262, 956_305, 951_057, 945_519, 939_693, 933_580,
    927_184, 920_505, 913_545, 906_308, 898_794, 891_007, 882_948, 874_620, 866_025, 857_167, 848_048,
    838_671, 829_038, 819_152, 809_017, 798_636, 788_011, 777_146, 766_044, 754_710, 743_145, 731_354,
    719_340, 707_107, 694_658, 681_998, 669_131, 656_059, 642_788, 629_320, 615_661, 601_815, 587_785,
    573_576, 559_193, 544_639, 529_919, 515_038, 500_000, 484_810, 469_472, 453_990, 438_371, 422_618,
    406_737, 390_731, 374_607, 358_368, 342_020, 325_568, 309_017, 292_372, 275_637, 258_819, 241_922,
    224_951, 207_912, 190_809, 173_648, 156_434, 139_173, 121_869, 104_528, 87_156, 69_756, 52_336, 34_899,
    17_452, 0,
];
const E6: i64 = 1_000_000;

/// Metres between two positions.
#[must_use]
pub fn distance_m(a: Position, b: Position) -> i64 {
    let latitude = (a.latitude_e6 - b.latitude_e6).abs();
    let longitude = (a.longitude_e6 - b.longitude_e6).abs();
    // The short way round.
    let longitude = longitude.min((360 * E6 - longitude).abs());
    let north_m = latitude * METRES_PER_DEGREE / E6;
    let east_m = longitude * METRES_PER_DEGREE / E6 * cosine((a.latitude_e6 + b.latitude_e6) / 2) / E6;
    (north_m * north_m + east_m * east_m).isqrt()
}

/// Kilometres in an hour that `metres` in `millis` are. Less than `least_ms` counts as that: clocks of two tills differ.
#[must_use]
pub fn speed_kmh(metres: i64, millis: i64, least_ms: i64) -> i64 {
    metres.saturating_mul(3_600) / millis.abs().max(least_ms).max(1)
}

/// Cosine of a latitude in millionths, between whole degrees by a straight line.
fn cosine(latitude_e6: i64) -> i64 {
    let latitude = latitude_e6.abs().min(90 * E6);
    let degree = usize::try_from(latitude / E6).unwrap_or(90).min(89);
    let (below, above) = (COSINES[degree], COSINES[degree + 1]);
    below - (below - above) * (latitude - degree as i64 * E6) / E6
}
