"""Secrets that open nothing: each made of a published prefix and letters drawn from its name.

They are put together here, since a repository with whole tokens in it is refused by those who scan
repositories.
"""

import string
from hashlib import sha512
from itertools import cycle, islice

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"


def body(seed: str, length: int, alphabet: str = LETTERS) -> str:
    """Return letters that are the same every time and look like none in particular."""
    drawn = islice(cycle(sha512(seed.encode()).digest()), length)
    return "".join(alphabet[(n * 7 + at) % len(alphabet)] for at, n in enumerate(drawn))


def token(prefix: str, length: int, alphabet: str = LETTERS) -> str:
    return prefix + body(prefix, length, alphabet)


JWT = f"{token('eyJ', 33)}.{token('eyJ', 90)}.{body('signature', 43)}"

SECRETS = (
    ("GitHub token", token("ghp_", 36)),
    ("GitHub token", token("gho_", 36)),
    ("GitHub token", token("ghs_", 36)),
    ("GitHub token", token("github_pat_", 22) + "_" + body("pat", 59)),
    ("GitLab token", token("glpat-", 20)),
    ("GitLab token", token("glrt-", 20)),
    ("Atlassian token", token("ATATT3xFfGF0", 180)),
    ("Bitbucket token", token("ATBB", 32)),
    ("Sentry token", token("sntrys_eyJ", 120)),
    ("Sentry token", token("sntryu_", 64, HEX)),
    ("Slack token", "xoxb-" + body("team", 12, string.digits) + "-" + body("xoxb", 24)),
    ("Slack token", token("xapp-1-A0", 60)),
    ("Slack webhook", "hooks.slack.com/services/T0/B0/" + body("hook", 24)),
    ("Discord webhook", "discord.com/api/webhooks/" + body("id", 18, string.digits) + "/x"),
    ("AWS key", token("AKIA", 16, UPPER)),
    ("AWS key", token("ASIA", 16, UPPER)),
    ("Google key", token("AIza", 35)),
    ("Google secret", token("GOCSPX-", 28)),
    ("Google token", token("ya29.", 60)),
    ("Azure secret", "aB3" + token("8Q~", 34)),
    ("Azure key", "AccountKey=" + body("azure", 86) + "=="),
    ("Stripe key", token("sk_live_", 24)),
    ("Stripe key", token("rk_live_", 24)),
    ("Stripe secret", token("whsec_", 32)),
    ("npm token", token("npm_", 36)),
    ("PyPI token", token("pypi-AgEIcHlwaS5vcmc", 120)),
    ("RubyGems key", token("rubygems_", 48, HEX)),
    ("crates.io token", token("cio", 32)),
    ("Docker token", token("dckr_pat_", 27)),
    ("SendGrid key", "SG." + body("id", 22) + "." + body("sendgrid", 43)),
    ("Twilio key", token("SK", 32, HEX)),
    ("Mailchimp key", body("mailchimp", 32, HEX) + "-us14"),
    ("Brevo key", token("xkeysib-", 64, HEX) + "-" + body("brevo", 16)),
    ("Anthropic key", token("sk-ant-api03-", 93)),
    ("OpenAI key", token("sk-proj-", 48)),
    ("Hugging Face token", token("hf_", 34)),
    ("Groq key", token("gsk_", 52)),
    ("DigitalOcean token", token("dop_v1_", 64, HEX)),
    ("HashiCorp token", token("hvs.", 90)),
    ("Heroku token", token("HRKU-", 60)),
    ("Netlify token", token("nfp_", 36)),
    ("Fly.io token", token("fm2_", 80)),
    ("Tailscale key", token("tskey-auth-", 30)),
    ("Shopify token", token("shpat_", 32, HEX)),
    ("Square token", token("sq0atp-", 22)),
    ("Telegram token", body("bot", 10, "123456789") + ":AA" + body("telegram", 33)),
    ("Linear key", token("lin_api_", 40)),
    ("Notion token", token("ntn_", 46)),
    ("Airtable token", token("pat", 14) + "." + body("airtable", 64, HEX)),
    ("Figma token", token("figd_", 40)),
    ("Postman key", token("PMAK-", 59, HEX)),
    ("Databricks token", token("dapi", 32, HEX)),
    ("Doppler token", token("dp.pt.", 43)),
    ("Grafana token", token("glsa_", 32) + "_" + body("glsa", 8, HEX)),
    ("New Relic key", token("NRAK-", 27, UPPER)),
    ("Dynatrace token", "dt0c01." + body("dt", 24, UPPER) + "." + body("dynatrace", 64, UPPER)),
    ("Sonar token", token("squ_", 40, HEX)),
    ("Buildkite token", token("bkua_", 40, HEX)),
    ("CircleCI token", token("CCIPAT_", 60)),
    ("PlanetScale key", token("pscale_tkn_", 43)),
    ("Supabase key", token("sbp_", 40, HEX)),
    ("Artifactory key", token("AKCp", 69)),
    ("1Password token", token("ops_eyJ", 250)),
    ("Adobe secret", token("p8e-", 32)),
    ("Alibaba key", token("LTAI", 20)),
    ("Cloudflare key", "v1.0-" + body("cf", 24, HEX) + "-" + body("cloudflare", 146, HEX)),
    ("HubSpot token", token("pat-eu1-", 36, HEX)),
    ("Mapbox token", token("sk.eyJ", 80)),
    ("Microsoft webhook", "acme.webhook.office.com/webhookb2/" + body("teams", 60)),
    ("Pulumi token", token("pul-", 40, HEX)),
    ("age key", token("AGE-SECRET-KEY-1", 58, UPPER)),
    ("access-token", JWT),
    ("private-key", "-----BEGIN RSA PRIVATE KEY----- " + body("rsa", 64)),
)
"""What each is called, and one of it: whatever a prefix gives away."""

LOOSE = (
    ("password", "postgres://app:{}@db/shop", body("database", 14)),
    ("password", "clone https://bot:{}@git/shop.git fails", body("clone", 20)),
    ("password", "Login fails with password={}", "hunter2hunter2"),
    ("password", 'Body {{"client_secret": "{}"}} is logged', body("client", 24)),
    ("password", 'Body {{\\"password\\":\\"{}\\"}} is logged', body("escaped", 24)),
    ("password", "Sent on to /login%3Ftoken%3D{}", body("quoted", 24)),
    ("password", "Array ('password' => '{}')", body("array", 24)),
    ("password", "Authorization: Basic {}", body("basic", 24)),
    ("access-token", "Header Authorization: Bearer {} leaks", body("bearer", 40)),
    ("signature", "https://x.blob.core.windows.net/a?sv=1&sig={}", body("sig", 43) + "%3D"),
)
"""What only its surroundings give away: the sentence stays, the secret goes."""

PERSONAL = (
    ("email", "camille.martin@acme.example"),
    ("email", "j.o'neil+shop@mail.acme.co.uk"),
    ("email", "camille%40acme.example"),
    ("email", "zoé@société.example"),
    ("iban", "FR76 3000 6000 0112 3456 7890 189"),
    ("iban", "DE89370400440532013000"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5555-5555-5555-4444"),
    ("card", "378282246310005"),
)
