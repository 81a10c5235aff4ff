"""Refusals of imports and exports."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class UnknownFormat(BusinessRefusal):
    """Lists are exported as CSV or XLSX only."""

    code = "unknown_export_format"
    message = _("Lists can be exported as CSV or as XLSX. Choose one of them.")
    status = 422


class FileUnreadable(BusinessRefusal):
    """The file cannot be read as what it claims to be."""

    code = "file_unreadable"
    message = _(
        "%(name)s cannot be read. It seems to be damaged; open it in a spreadsheet, save it as XLSX or "
        "CSV, and try again."
    )
    status = 422


class FileTooLarge(BusinessRefusal):
    """The upload is larger than this installation accepts."""

    code = "file_too_large"
    message = _(
        "The file is larger than %(limit)s MB, the most that can be uploaded here. Split it, or ask an "
        "administrator to raise the limit or to load it with “loudou import”."
    )
    status = 413


class RoomRunsOut(BusinessRefusal):
    """The disk under the database has so little room left that a large import would stop it for everybody."""

    code = "room_runs_out"
    message = _(
        "The disk of the server is almost full. The import waits, so that everybody else can go on working; nothing is "
        "half-written. Ask an administrator to make room, then carry on here."
    )
    status = 507


class FileKindUnknown(BusinessRefusal):
    """The name of the file ends with something we do not read."""

    code = "file_kind_unknown"
    message = _("%(name)s is not a table we can read. Use a CSV, TSV, XLSX, XLS or ODS file.")
    status = 422


class FileEmpty(BusinessRefusal):
    """There is nothing to import."""

    code = "file_empty"
    message = _("%(name)s has no rows below its header. Choose another file, sheet or header row.")
    status = 422


class FileTooCostly(BusinessRefusal):
    """A compressed file that would unpack to far more than a real one of its size."""

    code = "file_too_costly"
    message = _(
        "%(name)s would take more memory or time than a table of its size should. It was not opened. "
        "Save it as CSV and try again."
    )
    status = 422


class EncodingWrong(BusinessRefusal):
    """The chosen encoding does not fit the bytes."""

    code = "encoding_wrong"
    message = _("Row %(row)s of %(name)s cannot be read as %(encoding)s. Choose another encoding.")
    status = 422


class MappingIncomplete(BusinessRefusal):
    """A field that every new record needs has no column and no default."""

    code = "mapping_incomplete"
    message = _("Every new record needs: %(fields)s. Choose a column or a default value for it.")
    status = 422


class MappingAmbiguous(BusinessRefusal):
    """Two columns go to one field that holds one value."""

    code = "mapping_ambiguous"
    message = _("Several columns go to %(fields)s. Keep one and skip the others.")
    status = 422


class NothingMapped(BusinessRefusal):
    """No column goes anywhere."""

    code = "nothing_mapped"
    message = _("No column of %(name)s has a place yet. Say of at least one what it is.")
    status = 422


class JobNotReady(BusinessRefusal):
    """The import is not at the step that the act needs."""

    code = "import_not_ready"
    message = _(
        "This import is “%(status)s” at the moment; that does not go together with what you asked. Look "
        "at its page to see where it stands."
    )


class UndoNotPossible(BusinessRefusal):
    """Nothing was written, or it was undone before."""

    code = "import_undo_not_possible"
    message = _("There is nothing to undo: this import has not written anything, or it was undone before.")


class MappingFileWrong(BusinessRefusal):
    """A mapping file of the command line names something that does not exist."""

    code = "mapping_file_wrong"
    message = _("The mapping does not fit %(name)s: %(problem)s.")
    status = 422


class FileMissing(BusinessRefusal):
    """The form was sent without a file."""

    code = "file_missing"
    message = _("Choose a file first.")
    status = 422


class TimeZoneUnknown(BusinessRefusal):
    """No time zone of this name."""

    code = "time_zone_unknown"
    message = _("%(name)s is not a time zone. Choose one of the list, such as Asia/Shanghai.")
    status = 422


class TeamCannotOwn(BusinessRefusal):
    """A team whose members cannot own records."""

    code = "team_cannot_own"
    message = _("The team has nobody who could own the records. Choose another team, or a person.")
    status = 422


class BankColumnsMissing(BusinessRefusal):
    """No column says when, or how much."""

    code = "bank_columns_missing"
    message = _("Say which column is the date, and which the amount (or money in and money out).")
    status = 422


class BankDirectionAlone(BusinessRefusal):
    """A column says in or out, but none holds the amount it is about."""

    code = "bank_direction_alone"
    message = _("A column that says in or out needs an amount beside it. Choose the column of the amount.")
    status = 422


class BankRowsUnreadable(BusinessRefusal):
    """Other rows cannot be read than the person agreed to leave out; nothing was read in."""

    code = "bank_rows_unreadable"
    message = _(
        "Nothing was read in: %(count)s rows cannot be read. Look at them, mend the file or choose other columns, or "
        "say that they are left out."
    )
    status = 422


class StatementFileDone(BusinessRefusal):
    """The file became a bank statement before."""

    code = "statement_file_done"
    message = _("%(name)s was read in already. Its movements wait under Bank statements.")


class ContractSaysOtherwise(BusinessRefusal):
    """A row that says otherwise than a known contract about what was agreed or happened."""

    code = "contract_says_otherwise"
    message = _(
        "The contract is known with another value here: %(fields)s. A file does not change what was agreed or what "
        "happened: amend the contract, or leave these cells empty."
    )
