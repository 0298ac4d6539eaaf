"""Fake secrets, put together at run time.

No literal here looks like a credential: prefixes and bodies meet only in `secrets()`.
"""

import json
from base64 import b32encode, b64encode
from random import Random
from string import ascii_letters, ascii_uppercase, digits, hexdigits
from typing import Any
from urllib.parse import quote

_ALNUM = ascii_letters + digits
HEX = hexdigits[:16]
_SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow".split()


def body(length: int, alphabet: str = _ALNUM, seed: int = 7) -> str:
    """A random-looking body, the same each time."""
    return "".join(Random(f"{seed}/{length}/{alphabet}").choices(alphabet, k=length))


def github() -> str:
    return "gh" + "p_" + body(36)


def aws() -> str:
    return "AK" + "IA" + body(16, ascii_uppercase + digits)


def pass_word() -> str:
    return "hunter" + "2" * 3


def pem(kind: str) -> str:
    dashes, lines = "-" * 5, [body(64, seed=line) for line in range(4)]
    return "\n".join([f"{dashes}BEGIN {kind}{dashes}", *lines, f"{dashes}END {kind}{dashes}"])


def tokens() -> dict[str, str]:
    """Credentials that a format gives away."""
    upper, jwt_head = ascii_uppercase + digits, "ey" + "JhbGciOiJIUzI1NiJ9."
    prefixed = {
        "aws_temporary": ("AS", "IA", 16, upper),
        "github_classic": ("gh", "p_", 36, _ALNUM),
        "github_oauth": ("gh", "o_", 36, _ALNUM),
        "github_refresh": ("gh", "r_", 36, _ALNUM),
        "github_fine": ("github_", "pat_", 82, _ALNUM),
        "gitlab": ("gl", "pat-", 20, _ALNUM),
        "slack_bot": ("xo", "xb-123456789012-", 24, _ALNUM),
        "slack_app": ("xa", "pp-1-A0123-", 40, _ALNUM),
        "hugging_face": ("h", "f_", 34, _ALNUM),
        "npm": ("np", "m_", 36, _ALNUM),
        "openai": ("sk", "-", 48, _ALNUM),
        "openai_project": ("sk", "-proj-", 80, _ALNUM),
        "anthropic": ("sk", "-ant-api03-", 93, _ALNUM),
        "stripe": ("sk", "_live_", 24, _ALNUM),
        "google": ("AI", "za", 35, _ALNUM),
        "sendgrid": ("S", "G.", 22, _ALNUM),
        "pypi": ("py", "pi-AgEIcHlwaS5vcmc", 60, _ALNUM),
        "digital_ocean": ("do", "p_v1_", 64, HEX),
        "databricks": ("da", "pi", 32, HEX),
        "shopify": ("shp", "at_", 32, HEX),
        "vault": ("hv", "s.", 90, _ALNUM),
        "groq": ("gs", "k_", 52, _ALNUM),
    }
    made = {name: a + b + body(size, letters) for name, (a, b, size, letters) in prefixed.items()}
    made["sendgrid"] += "." + body(43)
    made["jwt"] = jwt_head + "ey" + "J" + body(40) + "." + body(43)
    made["bearer"] = "Authorization: Bea" + "rer " + body(40)
    made["basic"] = (
        "Authorization: Ba" + "sic " + b64encode(f"jane:{pass_word()}".encode()).decode()
    )
    made["aws_secret"] = body(40, _ALNUM + "+/", 3)
    made["telegram"] = body(10, digits[1:]) + ":AA" + body(33)
    made["slack_hook"] = "https://hooks.slack" + ".com/services/T0AB1CD2E/B0AB1CD2E/" + body(24)
    made["sentry"] = f"https://{body(32, HEX)}@o1.ingest.sentry.io/4"
    made["extended_key"] = "xp" + "rv" + body(107, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijk")
    return made


def announced() -> dict[str, Any]:
    """Values that only a name gives away."""
    word, key = pass_word(), "pass" + "word"
    return {
        "assignment": f"{key}={word}",
        "spaced": f"{key} : {word}",
        "dotenv": f"DEBUG=1\nDB_{key.upper()}={word}\n",
        "yaml": f"db:\n  {key}: {word}\n",
        "json_text": json.dumps({"user": "jane", key: word}),
        "json_twice": json.dumps(json.dumps({key: word})),
        "single_quoted": f"{{'{key}': '{word}'}}",
        "camel": f"dbPass{key[4:]}={word}",
        "spoken": f"my {key} is {word}, do not tell",
        "netrc": f"machine db login jane {key} {word}",
        "curl": f"curl -u jane:{word} https://example.com",
        "option": f"tool --{key} {word} run",
        "api_key_header": f"X-Api-{'Key'}: {word}{word}",
        "cookie": f"Cookie: sessionid={word}; theme=dark",
        "set_cookie": f"Set-Cookie: sid={word}; HttpOnly",
        "dsn": f"postgres://app:{word}@db.internal:5432/prod",
        "dsn_no_user": f"redis://:{word}@cache:6379/0",
        "dsn_query": f"jdbc:mysql://db/app?user=root&{key}={word}",
        "dsn_words": f"Server=db;User ID=sa;Pwd={word};",
        "url_token": f"https://example.com/cb?access_{'token'}={word}&state=1",
        "key": {key: word},
        "key_nested": {"config": {"api" + "Key": word}},
        "key_kebab": {"client-" + "secret": word},
        "key_number": {"pin": 48213},
        "key_list": {"tokens": [word, word + "x"]},
        "key_object": {"credentials": {"user": "jane", "value": word}},
        "key_invisible": {"pass\u200bword": word},
        "key_wide": {"".join(chr(ord(c) + 0xFEE0) for c in key): word},
        "named_pair": {"name": "DB_" + key.upper(), "value": word},
        "argument_list": ["mysql", "--" + key, word],
        "second": f"token_count=5 {key}={word}",
        "nested_text": json.dumps({"auths": {"x": {"auth": body(28)}}}),
        "xml": f"<{key}>{word}</{key}>",
        "attributes": f'<add key="{key}" value="{word}"/>',
        "wifi": f"WIFI:S:home;T:WPA;P:{word};;",
        "german": f"mein Passwort ist {word}",
        "spoken_for": f"the {key} for the server is {word}",
        "login_option": f"docker login -u jane -p {word}",
        "prose_value": f"{key}: correcthorse",
        "pair": [key, word],
        "pair_in_list": [["user", "jane"], [key, word]],
        "dsn_split": ["postgres://app:", f"{word}@db/prod"],
        "hex_key": "private key: " + body(64, HEX),
        "pin": "PIN is 48213",
        "otp": {"otp": "993124"},
    }


def personal() -> dict[str, Any]:
    """Data that identifies a person or a machine."""
    card, space = "4111" + "1" * 12, " "
    return {
        "mail": "write to jane.doe+x@mail.example.co.uk!",
        "mail_spelt": "jane [at] example [dot] com",
        "mail_spoken": "jane at example dot com",
        "card": card,
        "card_grouped": space.join([card[:4]] * 1 + ["1111"] * 3) + " 12/29",
        "card_number": int(card),
        "card_amex": "3782-" + "822463-" + "10005",
        "iban": "DE89 3704 0044 0532 " + "0130 00",
        "iban_glued": "GB82WEST1234" + "5698765432",
        "mail_unicode": "jörg@müller.de",
        "mail_round": "jane(at)example.com",
        "phone_french": "06 12 34 56 " + "78",
        "phone_spelt": "call me at 415555" + "0132",
        "mac_dashes": "00-1A-2B-" + "3C-4D-5E",
        "ipv4_private": "192.168.1." + "17",
        "ssn": "078-05-" + "1120",
        "ssn_labelled": "SSN: 07805" + "1120",
        "phone": "+1 415 555 " + "0132",
        "phone_german": "call +49 30 901" + "820 now",
        "phone_american": "(415) 555-" + "0132",
        "phone_dashes": "415-555-" + "0132",
        "phone_labelled": "tel: 0151 2345" + "6789",
        "ipv4": "from 203.0.113." + "57",
        "ipv4_port": "203.0.113." + "57:8080",
        "ipv6": "2001:db8::ff00:" + "42:8329",
        "mac": "00:1A:2B:" + "3C:4D:5E",
        "home": "/home/" + "jane/notes.txt",
        "home_mac": "/Users/" + "jane/Desktop",
        "home_windows": "C:\\Users\\" + "Jane Doe\\AppData",
    }


def keys_and_seeds() -> dict[str, Any]:
    """Private keys and seed phrases in their many writings."""
    private, dashes = "PRIVATE" + " KEY", "-" * 5
    rsa, words = pem("RSA " + private), list(_SEED)
    return {
        "pem": pem(private),
        "pem_one_line": rsa.replace("\n", "\\n"),
        "pem_spaces": rsa.replace("\n", " "),
        "pem_json": json.dumps({"k": rsa}),
        "pem_header": f"{dashes}BEGIN EC {private}{dashes}",
        "pem_openssh": pem("OPENSSH " + private),
        "pgp": pem("PGP " + private + " BLOCK"),
        "putty": f"PuTTY-User-{'Key'}-File-3: ssh-ed25519\nPrivate-Lines: 1\n{body(40)}",
        "seed": " ".join(words),
        "seed_upper": " ".join(words).upper(),
        "seed_in_prose": "keep this safe: " + " ".join(words) + " - thanks",
        "seed_commas": ",".join(words),
        "seed_lines": "\n".join(words),
        "seed_numbered": "\n".join(f"{n}. {word}" for n, word in enumerate(words, 1)),
        "seed_dashes": "-".join(words),
        "seed_quoted": json.dumps(words),
        "seed_object": {f"w{number}": word for number, word in enumerate(words)},
        "seed_list": {"words": words},
        "seed_24": " ".join(["abandon"] * 23 + ["art"]),
        "seed_bad_checksum": "my wallet: " + " ".join(["legal"] * 6 + ["winner"] * 6),
    }


def hidden() -> dict[str, Any]:
    """A token under encodings, invisible characters and splits."""
    token, other = github(), aws()
    half = len(token) // 2
    return {
        "zero_width": token[:half] + "\u200b" + token[half:],
        "soft_hyphen": token[:half] + "\xad" + token[half:],
        "variation": token[:half] + "\ufe0f" + token[half:],
        "joiner": other[:8] + "\u034f" + other[8:],
        "filler": other[:8] + "\u3164" + other[8:],
        "tag": other[:8] + "\U000e0041" + other[8:],
        "nul": other[:8] + "\x00" + other[8:],
        "colour": other[:8] + "\x1b[31m" + other[8:],
        "accents": "".join(letter + "\u0301" for letter in other),
        "full_width": "".join(chr(ord(c) + 0xFEE0) for c in other),
        "look_alikes": "\u0410\u041a\u0406\u0410" + other[4:],
        "tab": f"k\t{other}\tv",
        "newline": f"token\n{token}\nend",
        "newline_inside": other[:10] + "\n" + other[10:],
        "spaced": " ".join(other),
        "base64": b64encode(token.encode()).decode(),
        "base64_twice": b64encode(b64encode(token.encode())).decode(),
        "base64_url": b64encode(f"x?{token}>~".encode(), b"-_").decode().rstrip("="),
        "base64_password": b64encode(f"pass{'word'}={pass_word()}".encode()).decode(),
        "base32": b32encode(token.encode()).decode(),
        "hex": token.encode().hex(),
        "hex_spaced": " ".join(f"{ord(c):02x}" for c in token),
        "two_fields": {"part1": token[:half], "part2": token[half:]},
        "per_cent": quote(token).replace("_", "%5F"),
        "per_cent_all": "".join(f"%{ord(c):02x}" for c in token),
        "unicode_escape": "".join(f"\\u{ord(c):04x}" for c in token),
        "entity": f"jane&#64;example.com {token.replace('_', '&#95;')}",
        "escaped_json": json.dumps({"k": json.dumps({"t": token})}),
        "list_halves": [token[:half], token[half:]],
        "list_letters": list(other),
        "list_inside": ["see " + token[:half], token[half:], "done"],
        "deep_list": [[[["ok", [token]]]]],
        "as_key": {token: "v"},
        "late": "y " * 95 + token,
    }


def secrets() -> dict[str, Any]:
    """All that must be caught, by name."""
    groups = (tokens(), announced(), personal(), keys_and_seeds(), hidden())
    return {name: value for group in groups for name, value in group.items()}
