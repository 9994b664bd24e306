"""Letters with activation codes: people and codes in, one PDF and its manifest out.

Knows no database, no service and no settings. Codes in clear are only in the PDF, and in the memory of the process.
"""

from printing.demo import demo_letter
from printing.letter import Fault, Letter, Sender, fault
from printing.manifest import Manifest
from printing.pdf import render, render_one

__all__ = ["Fault", "Letter", "Manifest", "Sender", "demo_letter", "fault", "render", "render_one"]
