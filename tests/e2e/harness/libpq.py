"""libpq itself, for what psycopg2 hides: one Parse message a statement, and COPY by hand."""
import ctypes
import ctypes.util

COMMAND_OK, TUPLES_OK, COPY_OUT, COPY_IN = 1, 2, 3, 4
SQLSTATE = ord("C")


def _load():
    lib = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
    text, pointer, number = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
            ("PQconnectdb", pointer, [text]), ("PQstatus", number, [pointer]),
            ("PQfinish", None, [pointer]), ("PQerrorMessage", text, [pointer]),
            ("PQexec", pointer, [pointer, text]), ("PQgetResult", pointer, [pointer]),
            ("PQprepare", pointer, [pointer, text, text, number, pointer]),
            ("PQresultStatus", number, [pointer]), ("PQclear", None, [pointer]),
            ("PQresultErrorField", text, [pointer, number]),
            ("PQresultErrorMessage", text, [pointer]),
            ("PQputCopyData", number, [pointer, text, number]),
            ("PQputCopyEnd", number, [pointer, text]),
            ("PQgetCopyData", number, [pointer, ctypes.POINTER(pointer), number]),
            ("PQfreemem", None, [pointer]),
            ("PQsetNoticeProcessor", pointer, [pointer, pointer, pointer])):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


class Session:
    """A session on `url`. Every call gives None, or (SQLSTATE, message) where the server refused."""

    lib = None

    def __init__(self, url):
        Session.lib = Session.lib or _load()
        self.connection = self.lib.PQconnectdb(url.encode())
        assert self.lib.PQstatus(self.connection) == 0, self.lib.PQerrorMessage(self.connection)
        quiet = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
        self._quiet = quiet(lambda _, message: None)
        self.lib.PQsetNoticeProcessor(self.connection, ctypes.cast(self._quiet, ctypes.c_void_p), None)

    def close(self):
        self.lib.PQfinish(self.connection)

    def _refusal(self, result):
        status = self.lib.PQresultStatus(result)
        refusal = None
        if status not in (COMMAND_OK, TUPLES_OK, COPY_IN, COPY_OUT):
            state = self.lib.PQresultErrorField(result, SQLSTATE) or b"?"
            refusal = state.decode(), self.lib.PQresultErrorMessage(result).decode()
        self.lib.PQclear(result)
        return status, refusal

    def parse(self, statement):
        """What the server says to one Parse message; 42601 where it holds several statements."""
        return self._refusal(self.lib.PQprepare(self.connection, b"", statement.encode(), 0, None))[1]

    def execute(self, statement, data=()):
        """Run a statement; `data` are the chunks that a COPY … FROM stdin is given."""
        status, refusal = self._refusal(self.lib.PQexec(self.connection, statement.encode()))
        if status == COPY_OUT:
            chunk = ctypes.c_void_p()
            while self.lib.PQgetCopyData(self.connection, ctypes.byref(chunk), 0) > 0:
                self.lib.PQfreemem(chunk)
        if status == COPY_IN:
            for chunk in data:
                raw = chunk.encode()
                assert self.lib.PQputCopyData(self.connection, raw, len(raw)) == 1
            assert self.lib.PQputCopyEnd(self.connection, None) == 1
        if status in (COPY_IN, COPY_OUT):
            while result := self.lib.PQgetResult(self.connection):
                refusal = self._refusal(result)[1] or refusal
        return refusal
