//! Which visitor this is, as far as rate limits need to know. Never stored, never logged.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{extract::ConnectInfo, http::request::Parts};

use crate::Site;

/// What rate limits count by: an address, for IPv6 its /64 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey(u64, bool);

impl From<IpAddr> for ClientKey {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4)), false),
            // A subscriber has a whole /64: its last 64 bits cost nothing to change.
            IpAddr::V6(v6) => Self((u128::from(v6) >> 64) as u64, true),
        }
    }
}

/// Who sent the request: the peer, or the last address before our own proxies.
#[must_use]
pub fn client_address(parts: &Parts, site: &Site) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_canonical());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if !site.proxies.contains(&peer) {
        return peer;
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").into_iter().rev();
    let mut hops = forwarded
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    let client = hops
        .by_ref()
        .map_while(|hop| hop.trim().parse::<IpAddr>().ok())
        .map(|hop| hop.to_canonical())
        .find(|hop| !site.proxies.contains(hop));
    client.unwrap_or(peer)
}

impl ClientKey {
    /// Who sent the request, see [`client_address`].
    #[must_use]
    pub fn of(parts: &Parts, site: &Site) -> Self {
        Self::from(client_address(parts, site))
    }
}
