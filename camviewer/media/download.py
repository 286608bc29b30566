"""Downloads a file over HTTP(S): checked against its SHA-256, resumed where an earlier try stopped."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

from PySide6.QtCore import QFile, QLockFile, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from camviewer.core.failures import Failure
from camviewer.core.models.spec import OfficialWeights
from camviewer.core.models.weights import hub_folder
from camviewer.core.throttle import Throttle

CHUNK = 4 * 1024 * 1024  # bytes hashed or synced in one go: about 10 ms on a slow machine
READ_BUFFER = 1024 * 1024  # bytes that Qt may hold for us, and may lose when a connection breaks
MAX_SIZE = 2**31  # what Qt's signals count to
TRANSFER_TIMEOUT_MS = 30_000
PROGRESS_INTERVAL_S = 0.1
_HASH = re.compile("[0-9a-fA-F]{8}([0-9a-fA-F]{56})?")
_Attribute = QNetworkRequest.Attribute
_Error = QNetworkReply.NetworkError


def _hash_file(path: Path) -> Generator[None, None, hashlib._Hash]:
    """The SHA-256 of a file, a chunk a step."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            yield
    return digest


class FileDownload(QObject):
    """Bring `url` to `destination`, or say why not; all in the GUI thread's event loop, in short steps.

    `destination` stays as it was until the whole right file replaces it: bytes gather in `<name>.part` beside
    it. A cancelled or broken transfer keeps the part, and the next `start()`, of this object or another, goes
    on from it. A wrong part is deleted. One download at a time, of all processes, has the part, by
    `<name>.part.lock`; a second one fails.

    Every `start()` ends in exactly one of `finished`, `failed` and `cancelled`, never before `start()` has
    returned. `start()` may be called again from then on, also by that signal's slot.
    """

    progressed = Signal(int, int)  # bytes received (those of the part included), in total (0: unknown)
    finished = Signal(object)  # the Path
    failed = Signal(str)  # what happened and what to do, for the user
    cancelled = Signal()

    def __init__(
        self, url: str, destination: Path, *, size: int | None, sha256: str, parent: QObject | None = None
    ) -> None:
        """`size` in bytes (below 2 GiB) and `sha256` in hexadecimal are the right file's; else ValueError.

        size: None for what the server says. sha256: all 64 digits or the first 8.
        """
        super().__init__(parent)
        self._url = QUrl(url)
        if self._url.scheme() not in ("http", "https") or not self._url.host():
            raise ValueError(f"not an HTTP(S) address: {url!r}")
        if not (size is None or 0 < size < MAX_SIZE) or not _HASH.fullmatch(sha256):
            raise ValueError(f"not a size and a SHA-256: {size!r}, {sha256!r}")
        self._destination, self._sha256 = destination, sha256.lower()
        self._given_size = size
        self._size = size  # None until the server has said it
        self._part_path = destination.with_name(destination.name + ".part")
        self._part = QFile(str(self._part_path), self)  # Qt's: closed with us, however we are destroyed
        self._lock = QLockFile(f"{self._part_path}.lock")
        self._lock.setStaleLockTime(0)  # however long it takes; the lock of a dead process is ignored anyway
        self.destroyed.connect(self._lock.unlock)
        self._step_timer = QTimer(self, singleShot=True, interval=0)
        self._step_timer.timeout.connect(self._on_step_timer_timeout)
        self._manager = QNetworkAccessManager(self)
        self._manager.setRedirectPolicy(QNetworkRequest.RedirectPolicy.NoLessSafeRedirectPolicy)
        self._steps: Iterator[None] = iter(())
        self._reply: QNetworkReply | None = None
        self._accepted = False  # the reply's head is the one asked for
        self._received = 0  # the part's size
        self._progress = Throttle(PROGRESS_INTERVAL_S)

    @property
    def running(self) -> bool:
        """Whether `start()` was called and its end was not reported yet."""
        return self._step_timer.isActive() or self._reply is not None

    def start(self) -> None:
        """Begin, or go on where an earlier try stopped. Nothing happens while running."""
        if not self.running:
            self._size = self._given_size
            self._steps = self._prepare()
            self._step_timer.start()

    def cancel(self) -> None:
        """Stop at once and keep the part. Nothing happens unless running."""
        if self.running:
            self._stop()
            self.cancelled.emit()

    def _prepare(self) -> Iterator[None]:
        """Look at what is on the disk, a chunk a step; then finish, or ask for the rest."""
        there = self._destination.stat().st_size if self._destination.is_file() else 0
        if there and self._size in (None, there) and (yield from self._is_right(self._destination)):
            self._size = there
            self._succeed()
            return
        self._destination.parent.mkdir(parents=True, exist_ok=True)
        # Where no lock can be made, opening the part says why, or else the check of the whole part has to do.
        if not self._lock.tryLock(0) and self._lock.error() == QLockFile.LockError.LockFailedError:
            text = self.tr("Another camviewer window is downloading {name}.").format(
                name=self._destination.name
            )
            raise Failure(text, self.tr("Wait for it, then choose the model again."))
        if not self._part.open(QFile.OpenModeFlag.Append | QFile.OpenModeFlag.Unbuffered):
            raise OSError(self._part.errorString())
        self._received = self._part.size()
        if self._size is None and self._received and (yield from self._is_right(self._part_path)):
            self._size = self._received
        if self._received == self._size:
            yield from self._verify()
        else:
            self._request()

    @Slot()
    def _on_step_timer_timeout(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            pass  # an end was reported, or the reply goes on from here
        except (OSError, Failure) as error:
            self._fail(error)
        else:
            self._step_timer.start()

    def _request(self) -> None:
        """Ask for what the part lacks."""
        request = QNetworkRequest(self._url)
        request.setRawHeader(b"User-Agent", b"camviewer")
        request.setRawHeader(b"Accept-Language", b"*")  # Qt would send the user's locale
        request.setRawHeader(b"Accept-Encoding", b"identity")  # ranges, size and hash are the plain file's
        if self._received:
            request.setRawHeader(b"Range", f"bytes={self._received}-".encode())
        request.setAttribute(_Attribute.Http2AllowedAttribute, False)  # no gain for one file, more code
        request.setTransferTimeout(TRANSFER_TIMEOUT_MS)
        self._accepted = False
        self._reply = self._manager.get(request)
        self._reply.setReadBufferSize(READ_BUFFER)
        self._reply.readyRead.connect(self._on_reply_advanced)
        self._reply.finished.connect(self._on_reply_advanced)

    @Slot()
    def _on_reply_advanced(self) -> None:
        reply = self._reply
        if reply is None:
            return  # we abort it ourselves
        try:
            if self._accepted or self._accept(reply):
                if reply.isOpen():  # a timeout closes it
                    self._append(bytes(reply.readAll().data()))
                if reply.isFinished():  # the length decides, whatever became of the connection afterwards
                    if self._size is None and reply.error() == _Error.NoError:
                        self._size = self._received  # the hash tells whether that is all
                    if self._size is None or self._received < self._size:
                        raise self._network_failure(reply)
                    self._drop_reply()
                    self._steps = self._verify()
                    self._step_timer.start()
        except (OSError, Failure) as error:
            self._fail(error)
        if self._reply is reply and self._progress.ready():
            self.progressed.emit(self._received, self._size or 0)  # nothing after it: its slot may cancel

    def _accept(self, reply: QNetworkReply) -> bool:
        """Whether the body belongs in the part. If none can (416: the part is too long), start over."""
        status = reply.attribute(_Attribute.HttpStatusCodeAttribute)
        offset = self._received if status == 206 else 0
        length = bytes(reply.rawHeader("Content-Length").data())
        size = offset + int(length) if length.isdigit() else None
        fits = self._fits(reply, size)
        if self._received and (status == 416 or (status == 206 and not fits)):
            os.truncate(self._part_path, 0)
            self._stop()
            self.start()
            return False
        if status not in (200, 206):
            raise self._network_failure(reply)
        if not fits:  # the part may still be good: keep it
            mend = self.tr("Check the network connection in a web browser, then try again.")
            raise Failure(self.tr("The server offers a file of another size, or a login page."), mend)
        if offset != self._received:  # this server ignores ranges and sends everything
            if not self._part.resize(0):
                raise OSError(self._part.errorString())
            self._received = 0
        self._accepted = True
        if self._size is None:
            self._size = size
        return True

    def _fits(self, reply: QNetworkReply, size: int | None) -> bool:
        """Whether the file that a server offers may be the right one. size: None if it doesn't say."""
        if self._size is not None:
            return size in (None, self._size)
        is_page = bytes(reply.rawHeader("Content-Type").data()).startswith(b"text/")
        return not is_page and (size is None or size < MAX_SIZE)

    def _append(self, data: bytes) -> None:
        """Append to the part."""
        if self._received + len(data) > (self._size or MAX_SIZE):
            raise self._wrong_file()
        before = self._received
        while data and (count := self._part.write(data)) > 0:  # a disk that gets full takes some of it first
            self._received += count
            data = data[count:]
        if data:
            raise OSError(self._part.errorString())
        if before // CHUNK != self._received // CHUNK:  # now and then, so that the last sync is short
            self._sync()

    def _sync(self) -> None:
        with self._part_path.open("rb+") as file:  # QFile's descriptor may be another C library's
            os.fsync(file.fileno())

    def _verify(self) -> Iterator[None]:
        """Hash the whole part as it is on the disk, a chunk a step; then put it in its place."""
        self._part.close()
        self._sync()
        right = yield from self._is_right(self._part_path)
        if self._part_path.stat().st_size != self._size or not right:
            raise self._wrong_file()
        self._part_path.replace(self._destination)
        self._succeed()

    def _is_right(self, path: Path) -> Generator[None, None, bool]:
        """Whether a file's hash is the right one, a chunk a step."""
        digest = yield from _hash_file(path)
        return digest.hexdigest().startswith(self._sha256)

    def _wrong_file(self) -> Failure:
        self._part.remove()
        text = self.tr("The file does not match its size and checksum, so it was deleted.")
        return Failure(text, self.tr("Try again; the next time, look for a newer version of this program."))

    def _succeed(self) -> None:
        self._stop()
        size = self._size or 0
        self.progressed.emit(size, size)
        self.finished.emit(self._destination)

    def _fail(self, error: OSError | Failure) -> None:
        self._stop()
        if isinstance(error, OSError):
            text = self.tr("The download can't be saved in {0}: {1}.")
            mend = self.tr("Make room on the disk or check the folder's permissions, then try again.")
            error = Failure(text.format(self._destination.parent, error.strerror or error), mend)
        self.failed.emit(str(error))

    def _stop(self) -> None:
        """Close everything; the part is kept unless it is empty."""
        self._step_timer.stop()
        self._steps = iter(())  # which closes the file that was being hashed
        self._drop_reply()
        if self._part.isOpen():  # else it may be another's
            self._part.close()
            if self._part.size() == 0:
                self._part.remove()
        self._lock.unlock()

    def _drop_reply(self) -> None:
        reply, self._reply = self._reply, None  # first: abort() calls the slot
        if reply is not None:
            reply.abort()
            reply.deleteLater()

    def _network_failure(self, reply: QNetworkReply) -> Failure:
        """What went wrong, in the user's terms."""
        status = reply.attribute(_Attribute.HttpStatusCodeAttribute)
        broken = self.tr("The connection to {host} broke off.")
        silent = self.tr("{host} does not answer.")
        texts = {
            _Error.NoError: broken,
            _Error.RemoteHostClosedError: broken,
            _Error.HostNotFoundError: self.tr("The server {host} can't be found."),
            _Error.ConnectionRefusedError: self.tr("{host} refuses the connection."),
            _Error.TimeoutError: silent,
            _Error.OperationCanceledError: silent,  # the transfer timeout, before Qt 6.11
        }
        text = texts.get(reply.error(), self.tr("The download from {host} failed: {reason}."))
        mend = self.tr("Check the network connection and its proxy, then try again: it goes on from here.")
        if status not in (None, 200, 206):
            text = self.tr("{host} does not give the file out, it answered {status}: {reason}.")
            mend = self.tr("Try again later, or look for a newer version of this program.")
        return Failure(text.format(host=reply.url().host(), status=status, reason=reply.errorString()), mend)


def weights_download(official: OfficialWeights, parent: QObject) -> FileDownload:
    """Downloads weights into torch hub's cache; torchvision looks there, too."""
    size = official.size if official.exact else None
    target = hub_folder() / official.file_name
    return FileDownload(official.url, target, size=size, sha256=official.sha256, parent=parent)
