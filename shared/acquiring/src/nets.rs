//! Where an acquirer's notifications come from.

use std::net::IpAddr;

use ipnet::IpNet;

/// YooKassa's addresses, as its documentation lists them: the default of the setting.
pub const YOOKASSA: &str = "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.154.128/25,77.75.156.11/32,\
77.75.156.35/32,2a02:5180:0:1509::/64,2a02:5180:0:2655::/64,2a02:5180:0:1533::/64,2a02:5180:0:2669::/64";

/// Whether `address` lies in one of the networks, given as a comma-separated list. An address or network that cannot
/// be read is not trusted.
#[must_use]
pub fn is_within(address: &str, nets: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let address = address.to_canonical();
    nets.split(',').filter_map(|net| net.trim().parse::<IpNet>().ok()).any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusts_the_listed_networks_only() {
        let rows = [
            ("185.71.76.0", true),
            ("185.71.76.31", true),
            ("185.71.76.32", false),
            ("77.75.154.127", false),
            ("77.75.154.128", true),
            ("77.75.156.11", true),
            ("77.75.156.12", false),
            ("::ffff:77.75.156.35", true),
            ("2a02:5180:0:1509::7", true),
            ("2a02:5180:0:1510::7", false),
            ("127.0.0.1", false),
            ("", false),
            ("yookassa.ru", false),
        ];
        for (address, trusted) in rows {
            assert_eq!(is_within(address, YOOKASSA), trusted, "{address}");
        }
        assert!(!is_within("10.0.0.1", "10.0.0.0/33"), "a net that cannot be read trusts nobody");
    }
}
