//! Where things are, in whole millionths of a degree, and how far apart, in whole metres.
//!
//! The earth is a sphere here, which is right to half a percent. Enough to say which outlet is nearest.

use kernel::ParseError;

/// Millionths in a degree.
const E6: i64 = 1_000_000;
/// Digits after the decimal point of a degree.
const SCALE: u32 = 6;
/// Mean radius of the earth (IUGG).
#[expect(clippy::disallowed_types, reason = "a length on the globe: no money")]
const EARTH_RADIUS_METRES: f64 = 6_371_008.8;
/// Metres in a degree of latitude on such an earth.
const METRES_PER_DEGREE: i64 = 111_195;

/// A place on earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    latitude_e6: i64,
    longitude_e6: i64,
}

impl Position {
    /// From millionths of a degree; `None` outside the globe.
    #[must_use]
    pub fn from_e6(latitude_e6: i64, longitude_e6: i64) -> Option<Self> {
        let on_globe = latitude_e6.abs() <= 90 * E6 && longitude_e6.abs() <= 180 * E6;
        on_globe.then_some(Self { latitude_e6, longitude_e6 })
    }

    /// Reads two decimals in degrees, with at most six digits after the point.
    ///
    /// # Errors
    /// When one is no such decimal, or the place is not on the globe.
    pub fn parse(latitude: &str, longitude: &str) -> Result<Self, ParseError> {
        Self::from_e6(degrees(latitude)?, degrees(longitude)?)
            .ok_or(ParseError("a latitude is from -90 to 90, a longitude from -180 to 180"))
    }

    /// Latitude and longitude in millionths of a degree.
    #[must_use]
    pub const fn e6(self) -> (i64, i64) {
        (self.latitude_e6, self.longitude_e6)
    }

    /// The southern and northern edge, in millionths of a degree, of everything within `metres`.
    #[must_use]
    pub const fn band(self, metres: i64) -> (i64, i64) {
        let reach = metres * E6 / METRES_PER_DEGREE + 1;
        (self.latitude_e6 - reach, self.latitude_e6 + reach)
    }

    /// Metres to another place over the great circle (haversine formula), rounded.
    #[must_use]
    #[expect(
        clippy::disallowed_types,
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a distance to show and to sort by: no money, and nothing that is stored"
    )]
    pub fn metres_to(self, other: Self) -> i64 {
        let radians = |e6: i64| (e6 as f64 / E6 as f64).to_radians();
        let (from, to) = (radians(self.latitude_e6), radians(other.latitude_e6));
        let half_north = (to - from) / 2.0;
        let half_east = radians(other.longitude_e6 - self.longitude_e6) / 2.0;
        let haversine = half_north.sin().powi(2) + from.cos() * to.cos() * half_east.sin().powi(2);
        (2.0 * EARTH_RADIUS_METRES * haversine.sqrt().min(1.0).asin()).round() as i64
    }
}

/// A decimal of degrees as text, without needless zeros: `43.238949`.
#[must_use]
pub fn format_degrees(e6: i64) -> String {
    let sign = if e6 < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:06}", e6.abs() / E6, e6.abs() % E6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a decimal of degrees in millionths.
fn degrees(text: &str) -> Result<i64, ParseError> {
    const SHAPE: ParseError = ParseError("not degrees such as 43.238949");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let lawful = |part: &str, max: usize| {
        (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !lawful(whole, 3) || !lawful(fraction, SCALE as usize) {
        return Err(SHAPE);
    }
    let whole: i64 = whole.parse().map_err(|_| SHAPE)?;
    let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| SHAPE)?;
    let e6 = whole * E6 + fraction;
    Ok(if negative { -e6 } else { e6 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: &str, longitude: &str) -> Position {
        Position::parse(latitude, longitude).expect("a place")
    }

    /// Great-circle distances of a sphere with the mean radius.
    #[test]
    fn distances_are_near_the_true_ones() {
        let rows = [
            // Within Almaty, across it, Moscow's centre to its airport, over the 180th meridian, on the equator.
            (at("43.238949", "76.889709"), at("43.240000", "76.900000"), 842, 1),
            (at("43.238949", "76.889709"), at("43.352000", "77.030000"), 16_939, 1),
            (at("55.755826", "37.617300"), at("55.408800", "37.906300"), 42_649, 1),
            (at("66.0", "179.9"), at("66.0", "-179.9"), 9_045, 1),
            (at("0", "0"), at("0", "1"), 111_195, 1),
            (at("43.238949", "76.889709"), at("43.238949", "76.889709"), 0, 0),
        ];
        for (from, to, expected, tolerance) in rows {
            let metres = from.metres_to(to);
            assert!((metres - expected).abs() <= tolerance, "{from:?} {to:?}: {metres}, expected {expected}");
            assert_eq!(metres, to.metres_to(from));
        }
    }

    #[test]
    fn everything_within_reach_is_in_the_band() {
        let home = at("43.238949", "76.889709");
        let (south, north) = home.band(10_000);
        let (latitude, longitude) = home.e6();
        for edge in [south - 1, north + 1] {
            let outside = Position::from_e6(edge, longitude).expect("on the globe");
            assert!(home.metres_to(outside) >= 10_000);
        }
        assert!(south < latitude && latitude < north);
    }

    #[test]
    fn degrees_round_trip() {
        for text in ["43.238949", "-179.9", "0", "7.000001", "-0.5"] {
            assert_eq!(degrees(text).map(format_degrees), Ok(text.to_owned()), "{text}");
        }
        for text in ["", ".", "43.", "43,2", "+43", "43.2389491", "1234", "- 1", "NaN", "1e1"] {
            assert!(degrees(text).is_err(), "{text}");
        }
        assert!(Position::parse("90.000001", "0").is_err() && Position::parse("0", "-180.1").is_err());
    }
}
