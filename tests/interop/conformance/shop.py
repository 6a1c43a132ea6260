# SPDX-License-Identifier: Apache-2.0
"""A cloud and a wallet, set up as tillkit-conformance needs them."""
import json
import os
import subprocess

import servers

RUN_S_MAX = 120
CODE = "1345678901234567"


class Shop:
    """`program` is the cloud, or one that is like it but for one rule."""

    def __init__(self, folder, program, wallet, arguments=()):
        self.folder = folder
        self.numbers = 0
        self.wallet = servers.Wallet(wallet, os.path.join(folder, "wallet"))
        self.cloud = servers.Cloud(program, os.path.join(folder, "cloud"), "--wallet", f"http://127.0.0.1:{self.wallet.port}",
                                   "--wallet-timeout-ms", "1000", "--settle-every-ms", "50", "--requests-per-s", "100000",
                                   *arguments)
        assert self.cloud.started
        servers.a_shop(self.cloud)
        servers.a_shop(self.cloud, "other", "beijing-1")
        self.cloud.admin("member", merchant="acme", member="m-1", consented=True)
        self.cloud.admin("give", merchant="acme", unit="points", of="m-1", amount=300)
        self.cloud.admin("issue", merchant="acme", coupon="c-1", offer="free-coffee")
        self.cloud.admin("settings", merchant="acme", settings={"enrol": "provisional", "tiers": []},
                         home={"risk_per_terminal_minor": 1000, "risk_bearer": "shop"})
        self.token = self.cloud.admin("token", merchant="acme")["token"]
        self.revoke = os.path.join(folder, "revoke")
        with open(self.revoke, "w", encoding="utf-8") as file:
            file.write(f"curl -sf -H 'Authorization: Bearer {self.admin_token()}' "
                       f"localhost:{self.cloud.admin_port}/admin/revoke -d '{{\"terminal\":\"'$1'\"}}'\n")

    def admin_token(self):
        with open(os.path.join(self.cloud.folder, "admin-token"), encoding="utf-8") as file:
            return file.read()

    def claim(self, terminal, store="shanghai-12"):
        return self.cloud.admin("claim", terminal=terminal, store=store, valid_s=600)["claim"]

    def code(self, **script):
        self.numbers += 1
        code = f"{CODE}{self.numbers:04d}"
        self.wallet.call("code", code=code, user="alice")
        if script:
            self.wallet.control(call="charge", code=code, script=script)
        return code

    def everything(self):
        """All that the program can be given."""
        self.wallet.call("payer", user="alice", wallet="wechat_pay", balance_minor=1_000_000)
        given = [word for name in ("T01", "T02", "T03") for word in ("--claim", self.claim(name))]
        given += ["--other-claim", self.claim("B1", "beijing-1")]
        given += [word for _ in range(5) for word in ("--paying", self.code())]
        given += ["--declining", self.code(yes=False, reason="over_limit"), "--silent", self.code(arrives=False),
                  "--waiting", self.code(thinks_ms=60_000), "--member", "m-1", "--coupon", "c-1",
                  "--events-token", self.token, "--revoke", f"sh {self.revoke} \"$1\""]
        return given

    def trust(self):
        return os.path.join(self.cloud.folder, "trust.pem")

    def stop(self):
        statuses = self.cloud.stop(), self.wallet.stop()
        assert statuses == (0, 0), statuses


def run(program, shop, *arguments, as_json=True):
    words = [program, f"https://localhost:{shop.cloud.port}", "--trust", shop.trust(), *arguments]
    done = subprocess.run(words + (["--json"] if as_json else []), capture_output=True, text=True, timeout=RUN_S_MAX, check=False)
    if not as_json:
        return done
    assert done.returncode in (0, 1, 3), done.stderr
    report = json.loads(done.stdout)
    report["status"] = done.returncode
    return report


def named(report, verdict):
    return {rule["rule"] for rule in report["rules"] if rule["verdict"] == verdict}
