"""Ads platforms behind one protocol; knows the network, never storage or Qt."""
