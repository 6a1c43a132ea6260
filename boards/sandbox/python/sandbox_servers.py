# SPDX-License-Identifier: Apache-2.0
"""The cloud and the wallet of the sandbox as processes, and how they are spoken to from this machine."""
import contextlib
import http.client
import json
import os
import subprocess

JSON = "application/json"
PROBLEM = "urn:tillkit:problem:"
ANSWER_S_MAX = 20


class Answer:
    def __init__(self, response):
        raw = response.read()
        self.status = response.status
        self.content_type = response.headers.get("Content-Type")
        self.retry_after = response.headers.get("Retry-After")
        self.size = len(raw)
        self.body = json.loads(raw)

    @property
    def problem(self):
        return self.body["type"].removeprefix(PROBLEM) if self.status != 200 else None

    @property
    def outcome(self):
        return self.body["outcome"] if self.status == 200 else None

    def __repr__(self):
        return f"{self.status} {self.body}"


class Process:
    """A program that prints one line of JSON when it listens."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        self.started = bool(line)
        for name, value in (json.loads(line) if line else {}).items():
            setattr(self, name, value)

    def stop(self):
        self.process.terminate()
        return self.wait()

    def kill(self):
        self.process.kill()
        return self.wait()

    def wait(self):
        status = self.process.wait(timeout=ANSWER_S_MAX)
        self.process.stdout.close()
        return status


def post_plain(port, path, body, token=None, method="POST"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S_MAX)
    with contextlib.closing(connection):
        headers = {"Content-Type": JSON}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, json.dumps(body) if method == "POST" else None, headers)
        return Answer(connection.getresponse())


class Wallet(Process):
    def __init__(self, program, folder, port=0, die_at=None):
        super().__init__([program, folder, "--port", str(port)],
                         {"TILLKIT_WALLET_DIE_AT": str(die_at)} if die_at else None)

    def call(self, name, **body):
        answer = post_plain(self.port, "/" + name, body)
        assert answer.status == 200, answer
        return answer.body

    def control(self, **body):
        return self.call("control", **body)

    def books(self):
        return post_plain(self.port, "/books", None, method="GET").body


class Cloud(Process):
    def __init__(self, program, folder, *arguments, die_at=None, port=0):
        self.folder = folder
        super().__init__([program, folder, "--port", str(port), *arguments],
                         {"TILLKIT_CLOUD_DIE_AT": str(die_at)} if die_at else None)

    def admin(self, command, status=200, **body):
        with open(os.path.join(self.folder, "admin-token"), encoding="utf-8") as file:
            token = file.read()
        answer = post_plain(self.admin_port, "/admin/" + command, body, token)
        assert answer.status == status, answer
        return answer.body

    def orders(self, merchant="acme"):
        return {o["number"]: o["order"] for o in self.admin("orders", merchant=merchant)["orders"]}
