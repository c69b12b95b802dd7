"""Pieces of programs that read the variables of a family; no secret is in them.

They are started by ``adwarden run``, or with an ``.env`` file of the same family loaded.
"""

from __future__ import annotations

import re

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handover import env

_FOUR = ("api_key", "api_secret", "token", "token_secret")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")

_ADS_PYTHON = """\
# Needs: pip install twitter-ads
# {start} -- python list_accounts.py
import os

from twitter_ads.client import Client

client = Client(
    os.environ["{api_key}"],
    os.environ["{api_secret}"],
    os.environ["{token}"],
    os.environ["{token_secret}"],
)
for account in client.accounts():
    print(account.id, account.name)
"""
_TWEEPY = """\
# Needs: pip install tweepy
# {start} -- python who_am_i.py
import os

import tweepy

auth = tweepy.OAuth1UserHandler(
    os.environ["{api_key}"],
    os.environ["{api_secret}"],
    os.environ["{token}"],
    os.environ["{token_secret}"],
)
print(tweepy.API(auth).verify_credentials().screen_name)
"""
_ADS_RUBY = """\
# Needs: gem install twitter-ads
# {start} -- ruby list_accounts.rb
require "twitter-ads"

client = TwitterAds::Client.new(
  ENV.fetch("{api_key}"),
  ENV.fetch("{api_secret}"),
  ENV.fetch("{token}"),
  ENV.fetch("{token_secret}")
)
client.accounts.each {{ |account| puts "#{{account.id}} #{{account.name}}" }}
"""
_NODE = """\
// Needs: npm install twitter-api-v2
// {start} -- node who-am-i.mjs
import {{ TwitterApi }} from "twitter-api-v2";

const client = new TwitterApi({{
  appKey: process.env.{api_key},
  appSecret: process.env.{api_secret},
  accessToken: process.env.{token},
  accessSecret: process.env.{token_secret},
}});
const {{ data }} = await client.v2.me();
console.log(data.username);
"""


def ads_python(one: CredentialSet, family: str = env.DEFAULT) -> str:
    """Return Python that lists the ad accounts by X's SDK ``twitter-ads``."""
    return _filled(_ADS_PYTHON, one, family)


def tweepy(one: CredentialSet, family: str = env.DEFAULT) -> str:
    """Return Python that says whose token it is, by ``tweepy``."""
    return _filled(_TWEEPY, one, family)


def ads_ruby(one: CredentialSet, family: str = env.DEFAULT) -> str:
    """Return Ruby that lists the ad accounts by X's SDK ``twitter-ads``."""
    return _filled(_ADS_RUBY, one, family)


def node(one: CredentialSet, family: str = env.DEFAULT) -> str:
    """Return JavaScript, a module, that says whose token it is, by ``twitter-api-v2``."""
    return _filled(_NODE, one, family)


def _filled(template: str, one: CredentialSet, family: str) -> str:
    names = env.family_of(family)
    if not names.has_user:
        raise InputError(
            "These names are for an app alone",
            "A program that acts for a user needs names for the token as well.",
            "Choose another family of names.",
            field="family",
        )
    # The handle is the one text of the set that is in here, within a comment.
    whose = f"@{one.handle}" if _HANDLE.fullmatch(one.handle) else "CONNECTION"
    start = f"adwarden run {whose} --family {names.id}"
    return template.format(start=start, **{field: names.names[field] for field in _FOUR})
