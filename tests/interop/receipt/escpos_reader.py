# SPDX-License-Identifier: Apache-2.0
"""A printer's side of ESC/POS: what stands on the paper after a job. Shares no code and no table with tillkit: text is
decoded by Python's gb18030, columns are counted by unicodedata.

usage: escpos_reader.py JOB COLUMNS [FONT OUTPUT.png]    shows a job as text, and draws it where Pillow and a font are
"""
import dataclasses
import pathlib
import sys
import unicodedata


class NotUnderstood(Exception):
    """A byte that this printer has no meaning for: a real one would print garbage."""


@dataclasses.dataclass
class Line:
    text: str
    emphasised: bool = False
    height: int = 1
    qr: str | None = None
    qr_dots: int = 0
    centred: bool = False


@dataclasses.dataclass
class Paper:
    columns: int
    lines: list
    cut: bool = False


def width(text):
    """Columns on paper: ASCII takes one, every picture of a Chinese font two."""
    return sum(1 if ord(character) < 0x80 else 2 for character in text)


def east_asian_width(text):
    """Columns as Unicode has them, for Chinese: ambiguous is wide."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


class _Reader:
    def __init__(self, job, columns):
        self.job = job
        self.at = 0
        self.paper = Paper(columns, [])
        self.text = b""
        self.initialised = self.chinese = self.emphasised = self.centred = False
        self.height = 1
        self.qr_text = b""
        self.qr_dots = 0

    def take(self, count=1):
        if self.at + count > len(self.job):
            raise NotUnderstood(f"the job ends inside a command at byte {self.at}")
        taken = self.job[self.at:self.at + count]
        self.at += count
        return taken

    def run(self):
        while self.at < len(self.job):
            byte = self.take()[0]
            if byte == 0x1B:
                self.escape()
            elif byte == 0x1C:
                self.chinese = self.take() == b"&"
            elif byte == 0x1D:
                self.group()
            elif byte == 0x0A:
                self.line_feed()
            elif byte >= 0x80:
                self.picture(byte)
            elif 0x20 <= byte < 0x7F:
                self.text += bytes([byte])
            else:
                raise NotUnderstood(f"byte {byte:#x} at {self.at - 1}")
        if self.text:
            raise NotUnderstood("text without a line end stays in the printer")
        return self.paper

    def picture(self, lead):
        if not self.chinese:
            raise NotUnderstood("a Chinese character outside Chinese mode")
        second = self.take()
        code = bytes([lead]) + second + (self.take(2) if 0x30 <= second[0] <= 0x39 else b"")
        code.decode("gb18030")
        self.text += code

    def line_feed(self):
        text = self.text.decode("gb18030")
        self.text = b""
        if width(text) > self.paper.columns:
            raise NotUnderstood(f"{width(text)} columns do not fit: {text}")
        self.paper.lines.append(Line(text, self.emphasised, self.height, centred=self.centred))

    def escape(self):
        command = self.take()
        if command == b"@":
            self.initialised, self.chinese, self.emphasised, self.centred, self.height = True, False, False, False, 1
        elif command == b"R":
            if self.take() != b"\0":
                raise NotUnderstood("another country's signs")
        elif command == b"E":
            self.emphasised = self.take()[0] & 1 == 1
        elif command == b"a":
            self.centred = self.take()[0] in (1, 0x31)
        elif command == b"d":
            self.paper.lines += [Line("")] * self.take()[0]
        else:
            raise NotUnderstood(f"ESC {command!r}")

    def group(self):
        command = self.take()
        if command == b"!":
            size = self.take()[0]
            if size >> 4:
                raise NotUnderstood("wider characters do not stand in the columns")
            self.height = (size & 7) + 1
        elif command == b"V":
            if self.take() != b"B":
                raise NotUnderstood("a cut that does not feed first")
            self.take()
            self.paper.cut = True
        elif command == b"(":
            self.qr()
        else:
            raise NotUnderstood(f"GS {command!r}")

    def qr(self):
        if self.take() != b"k":
            raise NotUnderstood("GS ( of another letter than k")
        size = int.from_bytes(self.take(2), "little")
        kind, function, *rest = self.take(size)
        if kind != 0x31:
            raise NotUnderstood("a symbol that is no QR code")
        if function == 0x41:
            if rest != [0x32, 0]:
                raise NotUnderstood("QR model")
        elif function == 0x43:
            self.qr_dots = rest[0]
        elif function == 0x45:
            if rest[0] not in range(0x30, 0x34):
                raise NotUnderstood("QR error correction")
        elif function == 0x50:
            if rest[0] != 0x30:
                raise NotUnderstood("QR data")
            self.qr_text = bytes(rest[1:])
        elif function == 0x51:
            self.paper.lines.append(Line("", qr=self.qr_text.decode("ascii"), qr_dots=self.qr_dots,
                                         centred=self.centred))
        else:
            raise NotUnderstood(f"QR function {function:#x}")


def read(job, columns):
    """What a printer of so many columns makes of a job, or NotUnderstood."""
    return _Reader(job, columns).run()


def picture(paper):
    """The paper as text: `#` before emphasised lines, `=` before tall ones, `%` before a QR code."""
    marked = []
    for line in paper.lines:
        mark = "%" if line.qr is not None else "=" if line.height > 1 else "#" if line.emphasised else "|"
        marked.append(mark + (line.qr if line.qr is not None else line.text))
    return "\n".join(marked) + ("\n8< - -\n" if paper.cut else "\n")


def draw(paper, font_path, output):
    """The paper as an image, one cell of 12 by 24 dots a column, where Pillow and a Chinese font are at hand."""
    from PIL import Image, ImageDraw, ImageFont  # no package of tillkit's: only a person who looks needs it
    font = ImageFont.truetype(font_path, 22)
    heights = [24 * line.height if line.qr is None else 25 * line.qr_dots + 12 for line in paper.lines]
    image = Image.new("L", (paper.columns * 12 + 24, sum(heights) + 24), 255)
    canvas = ImageDraw.Draw(image)
    top = 12
    for line, height in zip(paper.lines, heights):
        column = 0
        if line.qr is not None:
            side = 25 * line.qr_dots
            left = (paper.columns * 12 - side) // 2 if line.centred else 0
            canvas.rectangle((12 + left, top, 12 + left + side, top + side), outline=0, width=3)
            canvas.text((16 + left, top + side // 2), "QR", font=font, fill=0)
        cell = Image.new("L", (paper.columns * 12, 24), 255)
        drawn = ImageDraw.Draw(cell)
        for character in line.text:
            for shift in range(2 if line.emphasised else 1):
                drawn.text((column * 12 + shift, 0), character, font=font, fill=0)
            column += width(character)
        if line.qr is None:
            image.paste(cell.resize((paper.columns * 12, height)), (12, top))
        top += height
    image.save(output)


def main():
    if len(sys.argv) not in (3, 5):
        print(__doc__, file=sys.stderr)
        return 2
    paper = read(pathlib.Path(sys.argv[1]).read_bytes(), int(sys.argv[2]))
    print(picture(paper), end="")
    if len(sys.argv) == 5:
        draw(paper, sys.argv[3], sys.argv[4])
    return 0


if __name__ == "__main__":
    sys.exit(main())
