"""The words of documents for ethtool's numbers (`include/uapi/linux/ethtool_netlink.h`), for reading and for setting."""

from __future__ import annotations

from linkhold.providers.kernel.netlink import ethtool

PAUSE = {
    "rx": ethtool.ETHTOOL_A_PAUSE_RX,
    "tx": ethtool.ETHTOOL_A_PAUSE_TX,
    "autoneg": ethtool.ETHTOOL_A_PAUSE_AUTONEG,
}
RING = {
    "rx": ethtool.ETHTOOL_A_RINGS_RX,
    "rx_jumbo": ethtool.ETHTOOL_A_RINGS_RX_JUMBO,
    "rx_mini": ethtool.ETHTOOL_A_RINGS_RX_MINI,
    "tx": ethtool.ETHTOOL_A_RINGS_TX,
}
RING_LIMITS = {
    "rx_max": ethtool.ETHTOOL_A_RINGS_RX_MAX,
    "rx_jumbo_max": ethtool.ETHTOOL_A_RINGS_RX_JUMBO_MAX,
    "rx_mini_max": ethtool.ETHTOOL_A_RINGS_RX_MINI_MAX,
    "tx_max": ethtool.ETHTOOL_A_RINGS_TX_MAX,
}
COALESCE = {
    "adaptive_rx": ethtool.ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX,
    "adaptive_tx": ethtool.ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX,
    "pkt_rate_high": ethtool.ETHTOOL_A_COALESCE_PKT_RATE_HIGH,
    "pkt_rate_low": ethtool.ETHTOOL_A_COALESCE_PKT_RATE_LOW,
    "rx_frames": ethtool.ETHTOOL_A_COALESCE_RX_MAX_FRAMES,
    "rx_frames_high": ethtool.ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH,
    "rx_frames_irq": ethtool.ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ,
    "rx_frames_low": ethtool.ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW,
    "rx_usecs": ethtool.ETHTOOL_A_COALESCE_RX_USECS,
    "rx_usecs_high": ethtool.ETHTOOL_A_COALESCE_RX_USECS_HIGH,
    "rx_usecs_irq": ethtool.ETHTOOL_A_COALESCE_RX_USECS_IRQ,
    "rx_usecs_low": ethtool.ETHTOOL_A_COALESCE_RX_USECS_LOW,
    "sample_interval": ethtool.ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL,
    "stats_block_usecs": ethtool.ETHTOOL_A_COALESCE_STATS_BLOCK_USECS,
    "tx_frames": ethtool.ETHTOOL_A_COALESCE_TX_MAX_FRAMES,
    "tx_frames_high": ethtool.ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH,
    "tx_frames_irq": ethtool.ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ,
    "tx_frames_low": ethtool.ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW,
    "tx_usecs": ethtool.ETHTOOL_A_COALESCE_TX_USECS,
    "tx_usecs_high": ethtool.ETHTOOL_A_COALESCE_TX_USECS_HIGH,
    "tx_usecs_irq": ethtool.ETHTOOL_A_COALESCE_TX_USECS_IRQ,
    "tx_usecs_low": ethtool.ETHTOOL_A_COALESCE_TX_USECS_LOW,
}
ADAPTIVE = ("adaptive_rx", "adaptive_tx")
"""Those of `COALESCE` that are on or off."""
FEC = {"off": "Off", "rs": "RS", "baser": "BASER", "llrs": "LLRS"}
"""Modes of forward error correction, and the names of their bits in `net/ethtool/common.c`."""
DUPLEX = {"half": ethtool.DUPLEX_HALF, "full": ethtool.DUPLEX_FULL}
