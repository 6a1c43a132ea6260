# SPDX-License-Identifier: Apache-2.0
"""Starts a vending machine with everything around it, prints the address of its page, and runs until Ctrl-C.

usage: demo.py WALLET CLOUD HARDWARE CATALOG RULES PAGE_PORT MOTORS [EMULATOR] -- VENDING TILLCTL
MOTORS: who turns them, `terminal` or `controller`.
"""
import os
import signal
import sys
import tempfile

from vending_shop import Programs, VendingShop


def main():
    split = sys.argv.index("--")
    wallet, cloud, hardware, catalog, rules, page_port, motors, *emulator = sys.argv[1:split]
    vending, tillctl = sys.argv[split + 1:]
    programs = Programs(wallet, cloud, hardware, [*emulator, vending], [*emulator, tillctl])
    compare = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "four_books.py")]
    # The signal waits until it is waited for: nothing that was started is left behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with tempfile.TemporaryDirectory(prefix="tillkit-demo-") as folder:
        shop = None
        try:
            shop = VendingShop(folder, programs, catalog, rules, int(page_port), compare, motors == "controller")
            said = shop.enrol()
            print(f"The wallet, the cloud and the machine are on; the terminal is enrolled and has {said['items']} items "
                  f"to sell.", flush=True)
            shop.power_on()
            print(f"\nOpen  {shop.hardware.page}\n\nCtrl-C stops all of it.", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
            print("\nStopping ...", flush=True)
        except RuntimeError as error:
            print(f"{error}. (Is port {page_port} in use? --port takes another.)", file=sys.stderr)
            return 1
        finally:
            if shop is not None:
                shop.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
