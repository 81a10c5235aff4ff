"""The triggers of contracts and of the ledger as the first migration installs them. Frozen, as `core`'s are.

They are written as the database reads them; what each is for stands where the models declare it: `contracts.guards`,
`balances`, `invoice_guards`, `plan_guards`, and the models of contracts, their versions, lines and deliveries.
"""

from loudou.core.migrations._triggers import append_only, audited, never_emptied, trigger


def _posted(model, noun, *, balances=(), generated=(), changing=None, unless="false"):
    """Refuse to change or delete a posted row; the choices are those of `contracts.guards.posted`."""
    name = noun.replace(" ", "_")
    never = _refuse(
        f"a posted {noun} is never changed or deleted: post an opposite entry that names it", f"{name}_is_posted"
    )
    follow = _refuse(f"balances of {noun}s follow from entries", f"{name}_balances_follow")
    moved = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in balances) or "false"
    ignored = "".join(f"probe.{column} := OLD.{column};\n" for column in (*balances, *generated))
    ignored += "".join(
        f"IF {condition} THEN probe.{column} := OLD.{column}; END IF;\n"
        for column, condition in (changing or {}).items()
    )
    update = f"""
                IF pg_trigger_depth() < 2 AND ({moved}) THEN {follow} END IF;
                IF {unless} THEN RETURN NEW; END IF;
                probe := NEW;
                {ignored}
                IF probe IS DISTINCT FROM OLD THEN {never} END IF;
                RETURN NEW;
            """
    delete = f"""
                IF NOT ({unless}) AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    {never}
                END IF;
                RETURN OLD;
            """
    return [
        trigger(model, "posted_update", update, when="BEFORE", operation="UPDATE", declare="DECLARE probe record;"),
        trigger(model, "posted_delete", delete, when="BEFORE", operation="DELETE"),
        never_emptied(model),
    ]


def _entries(model, *, insert, delete):
    """Keep balances elsewhere with each entry; the SQL reads the rows of the statement as `entries`."""
    return [
        trigger(
            model,
            f"balances_{act}",
            f"{text}\nRETURN NULL;",
            when="AFTER",
            operation=act.upper(),
            level="STATEMENT",
            referencing=f"REFERENCING {rows} TABLE AS entries ",
        )
        for act, rows, text in (("insert", "NEW", insert), ("delete", "OLD", delete))
    ]


def _refuse(sentence, name):
    return (
        f"RAISE EXCEPTION '{sentence}'"
        f" USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;"
    )


_PLAN_ADDS_UP = """
    SELECT plan.*, contract.amount AS agreed, contract.currency AS agreed_currency,
           contract.customer_id AS buyer_id, contract.state AS contract_state
    INTO planned
    FROM contracts_paymentplan plan JOIN contracts_contract contract ON contract.id = plan.contract_id
    WHERE plan.id = PLAN AND plan.state = 'in_force';
    IF FOUND THEN
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(booked_base), 0) AS base,
               coalesce(bool_and(contract_id = planned.contract_id AND customer_id = planned.customer_id
                                 AND currency = planned.currency), true) AS fits
        INTO parts FROM contracts_instalment WHERE plan_id = planned.id;
        IF parts.amount <> planned.total THEN RAISE EXCEPTION 'the instalments of a plan in force add up to its total' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_adds_up', TABLE = TG_TABLE_NAME; END IF;
        IF NOT parts.fits OR planned.currency <> planned.agreed_currency OR planned.customer_id <> planned.buyer_id THEN
            RAISE EXCEPTION 'a plan and its instalments are of one contract, customer and currency' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_fits', TABLE = TG_TABLE_NAME;
        END IF;
        -- What is still to be paid after a termination may be less than was agreed.
        IF planned.total > planned.agreed
            OR (planned.total < planned.agreed AND planned.contract_state <> 'terminated') THEN
            RAISE EXCEPTION 'the plan in force adds up to the amount of the contract' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_fits_contract', TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
"""

_INVOICE_ADDS_UP = """
    IF EXISTS (
        SELECT FROM contracts_invoice invoice
        JOIN (
            SELECT invoice_id, sum(net_amount) AS net, sum(tax_amount) AS tax
            FROM contracts_invoiceline WHERE invoice_id = INVOICE GROUP BY invoice_id
        ) lines ON lines.invoice_id = invoice.id
        WHERE invoice.id = INVOICE AND (invoice.net_amount <> lines.net OR invoice.tax_amount <> lines.tax)
    ) OR NOT EXISTS (SELECT FROM contracts_invoiceline WHERE invoice_id = INVOICE) THEN
        RAISE EXCEPTION 'an invoice is the sum of its lines' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_adds_up', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
"""

_EDITED = """
        RAISE EXCEPTION 'what was offered or agreed is not edited: draft an amendment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_frozen';
    """

_ONLY_IN_DRAFT = f"""
            PERFORM 1 FROM contracts_contractversion WHERE id = NEW.version_id AND state = 'draft' FOR SHARE;
            IF NOT FOUND THEN {_EDITED} END IF;
            IF TG_OP = 'UPDATE' AND OLD.version_id <> NEW.version_id THEN {_EDITED} END IF;
            RETURN NEW;
            """

_KEPT_AFTER_DRAFT = f"""
            IF coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                PERFORM 1 FROM contracts_contractversion WHERE id = OLD.version_id AND state = 'draft' FOR SHARE;
                IF NOT FOUND THEN {_EDITED} END IF;
            END IF;
            RETURN OLD;
            """

_ALLOCATE = """
    UPDATE contracts_receipt receipt
    SET allocated = receipt.allocated {sign} moved.amount, used_base = receipt.used_base {sign} moved.amount_base
    FROM (
        SELECT receipt_id, sum(amount) AS amount, sum(amount_base) AS amount_base FROM entries GROUP BY receipt_id
    ) moved
    WHERE receipt.id = moved.receipt_id;

    UPDATE contracts_instalment instalment
    SET allocated = instalment.allocated {sign} moved.amount,
        settled_base = instalment.settled_base {sign} moved.booked_base,
        cash = instalment.cash {sign} moved.cash
    FROM (
        SELECT entry.instalment_id, sum(entry.amount) AS amount, sum(entry.booked_base) AS booked_base,
               coalesce(sum(entry.amount) FILTER (WHERE receipt.cash_on IS NOT NULL), 0) AS cash
        FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        GROUP BY entry.instalment_id
    ) moved
    WHERE instalment.id = moved.instalment_id;
"""

_REFUND = """
        UPDATE contracts_receipt receipt
        SET refunded = receipt.refunded {sign} moved.amount, used_base = receipt.used_base {sign} moved.receipt_base
        FROM (
            SELECT receipt_id, sum(amount) AS amount, sum(receipt_base) AS receipt_base FROM entries GROUP BY receipt_id
        ) moved
        WHERE receipt.id = moved.receipt_id;
    """

_REVERSE = """
        UPDATE contracts_receipt receipt SET reversed = {reversed}
        FROM entries entry WHERE receipt.id = entry.receipt_id;

        UPDATE contracts_receipt receipt
        SET refunded = receipt.refunded {sign} moved.amount, used_base = receipt.used_base {sign} moved.receipt_base
        FROM (
            SELECT refund.receipt_id, sum(refund.amount) AS amount, sum(refund.receipt_base) AS receipt_base
            FROM entries entry JOIN contracts_refund refund ON refund.id = entry.refund_id GROUP BY refund.receipt_id
        ) moved
        WHERE receipt.id = moved.receipt_id;

        UPDATE contracts_refund refund SET is_reversed = {is_reversed}
        FROM entries entry WHERE refund.id = entry.refund_id;

        UPDATE contracts_statementline line SET posted_amount = line.posted_amount {sign} moved.amount
        FROM (
            SELECT posting.line_id, sum(posting.amount) AS amount
            FROM entries entry JOIN contracts_statementposting posting ON posting.receipt_id = entry.receipt_id
            GROUP BY posting.line_id
        ) moved
        WHERE line.id = moved.line_id;
    """

_CASH = """
        UPDATE contracts_receipt receipt SET cash_on = {cash_on}
        FROM entries entry WHERE receipt.id = entry.receipt_id AND entry.step <> 'dishonoured';

        UPDATE contracts_instalment instalment SET cash = instalment.cash {sign} moved.amount
        FROM (
            SELECT allocation.instalment_id, sum(allocation.amount) AS amount
            FROM entries entry JOIN contracts_allocation allocation ON allocation.receipt_id = entry.receipt_id
            WHERE entry.step <> 'dishonoured' GROUP BY allocation.instalment_id
        ) moved
        WHERE instalment.id = moved.instalment_id;
    """

_USE_BANK_LINE = """
        UPDATE contracts_statementline line SET posted_amount = line.posted_amount {sign} moved.amount
        FROM (SELECT line_id, sum(amount) AS amount FROM entries GROUP BY line_id) moved
        WHERE line.id = moved.line_id;
    """

_INVOICE = """
        UPDATE contracts_contractline line SET invoiced_amount = line.invoiced_amount {sign} moved.amount
        FROM (SELECT line_id, sum(amount) AS amount FROM entries GROUP BY line_id) moved
        WHERE line.id = moved.line_id;

        UPDATE contracts_invoiceline blue SET credited = blue.credited {opposite} moved.amount
        FROM (
            SELECT corrects_id, sum(amount) AS amount FROM entries WHERE corrects_id IS NOT NULL GROUP BY corrects_id
        ) moved
        WHERE blue.id = moved.corrects_id;
    """

TRIGGERS = [
    *audited("contracts.ClauseTemplate"),
    *audited("contracts.NumberSeries"),
    *audited("contracts.PlanTemplate"),
    *audited("contracts.BankStatement"),
    *audited("contracts.ContractFile"),
    *audited("contracts.ContractLine"),
    trigger(
        "contracts.ContractLine",
        "figures_follow_postings",
        """
                IF pg_trigger_depth() = 1 AND (
                    TG_OP = 'INSERT' AND (NEW.ordered, NEW.delivered, NEW.ordered_amount, NEW.delivered_amount,
                        NEW.invoiced_amount) IS DISTINCT FROM (0, 0, 0, 0, 0)
                    OR TG_OP = 'UPDATE' AND NEW.* IS DISTINCT FROM OLD.*
                ) THEN
                    RAISE EXCEPTION 'the figures of a line follow its version in force, deliveries and invoices'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_line_figures';
                END IF;
                RETURN NEW;
                """,
        when="BEFORE",
        operation="INSERT OR UPDATE",
    ),
    *audited("contracts.ContractVersion"),
    trigger(
        "contracts.ContractVersion",
        "version_frozen",
        """
                IF OLD.state = 'draft' AND NEW.state <> 'draft' AND EXISTS (
                    SELECT 1 FROM (
                        SELECT coalesce(sum(net_amount), 0) AS net, coalesce(sum(tax_amount), 0) AS tax
                        FROM contracts_lineterms WHERE version_id = NEW.id
                    ) lines WHERE lines.net <> NEW.net_amount OR lines.tax <> NEW.tax_amount
                ) THEN
                    RAISE EXCEPTION 'the amount of a version is the sum of its lines'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_sums';
                END IF;
                IF OLD.state <> NEW.state AND NOT (
                    (OLD.state = 'draft' AND NEW.state IN ('offered', 'withdrawn'))
                    OR (OLD.state = 'offered' AND NEW.state IN ('draft', 'in_force', 'withdrawn'))
                    OR (OLD.state = 'in_force' AND NEW.state = 'superseded')
                ) THEN
                    RAISE EXCEPTION 'a version that is % cannot become %', OLD.state, NEW.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_state_follows';
                END IF;
                IF OLD.state <> 'draft' AND
                    to_jsonb(OLD) - ARRAY['state', 'in_force_on', 'parties', 'version', 'updated_at']
                    <> to_jsonb(NEW) - ARRAY['state', 'in_force_on', 'parties', 'version', 'updated_at']
                    OR OLD.state NOT IN ('draft', 'offered') AND (
                        NEW.in_force_on IS DISTINCT FROM OLD.in_force_on OR NEW.parties IS DISTINCT FROM OLD.parties
                    )
                THEN
                    RAISE EXCEPTION 'what was offered or agreed is not edited: draft an amendment'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_frozen';
                END IF;
                RETURN NEW;
                """,
        when="BEFORE",
        operation="UPDATE",
    ),
    trigger(
        "contracts.ContractVersion",
        "version_kept",
        """
                IF OLD.state <> 'draft'
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'a version that was offered is never deleted'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_kept';
                END IF;
                RETURN OLD;
                """,
        when="BEFORE",
        operation="DELETE",
    ),
    trigger(
        "contracts.ContractVersion",
        "version_state_of_contract",
        "PERFORM loudou_check_contract(NEW.contract_id); RETURN NULL;",
        when="AFTER",
        operation='UPDATE OF "state"',
        is_deferred=True,
    ),
    *audited("contracts.ContractClause"),
    trigger(
        "contracts.ContractClause", "clause_only_in_draft", _ONLY_IN_DRAFT, when="BEFORE", operation="INSERT OR UPDATE"
    ),
    trigger("contracts.ContractClause", "clause_kept", _KEPT_AFTER_DRAFT, when="BEFORE", operation="DELETE"),
    *audited("contracts.ContractAct"),
    *append_only("contracts.ContractAct"),
    *audited("contracts.Contract", exclude=("search_text",)),
    trigger(
        "contracts.Contract",
        "plan_fits",
        """
            SELECT id INTO in_force FROM contracts_paymentplan WHERE contract_id = NEW.id AND state = 'in_force';
            """
        + _PLAN_ADDS_UP.replace("PLAN", "in_force")
        + """
            RETURN NULL;
        """,
        when="AFTER",
        operation='UPDATE OF "amount", "version_in_force_id", "state"',
        declare="DECLARE planned record; parts record; in_force bigint;",
        is_deferred=True,
    ),
    trigger(
        "contracts.Contract",
        "contract_life",
        """
                IF OLD.state <> NEW.state AND NOT ((OLD.state = 'draft' AND NEW.state IN ('offered', 'withdrawn')) OR (OLD.state = 'offered' AND NEW.state IN ('draft', 'signed', 'withdrawn')) OR (OLD.state = 'signed' AND NEW.state IN ('completed', 'performing', 'terminated')) OR (OLD.state = 'performing' AND NEW.state IN ('completed', 'terminated')) OR (OLD.state = 'completed' AND NEW.state IN ('performing'))) THEN
                    RAISE EXCEPTION 'a contract that is % cannot become %', OLD.state, NEW.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_state_follows';
                END IF;
                IF OLD.number <> '' AND NEW.number <> OLD.number THEN
                    RAISE EXCEPTION 'the number of a contract never changes'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_number_stays';
                END IF;
                IF OLD.signed_on IS NOT NULL AND (
                    NEW.signed_on IS DISTINCT FROM OLD.signed_on OR NEW.customer_id <> OLD.customer_id
                    OR NEW.currency <> OLD.currency OR NEW.tax_included <> OLD.tax_included OR NEW.kind <> OLD.kind
                    OR NEW.amount_base IS DISTINCT FROM OLD.amount_base AND NEW.amount = OLD.amount
                ) THEN
                    RAISE EXCEPTION 'what a signed contract says is changed by an amendment'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_signed_is_frozen';
                END IF;
                RETURN NEW;
                """,
        when="BEFORE",
        operation="UPDATE",
    ),
    trigger(
        "contracts.Contract",
        "contract_follows_version",
        "PERFORM loudou_check_contract(NEW.id); RETURN NULL;",
        when="AFTER",
        operation="INSERT OR UPDATE",
        is_deferred=True,
    ),
    trigger(
        "contracts.Contract",
        "contract_lines_in_force",
        """
                IF NEW.version_in_force_id IS DISTINCT FROM OLD.version_in_force_id THEN
                    UPDATE contracts_contractline line
                    SET ordered = coalesce(terms.quantity, 0), ordered_amount = coalesce(terms.amount, 0)
                    FROM contracts_contractline same LEFT JOIN contracts_lineterms terms
                        ON terms.line_id = same.id AND terms.version_id = NEW.version_in_force_id
                    WHERE same.id = line.id AND line.contract_id = NEW.id;
                END IF;
                RETURN NULL;
                """,
        when="AFTER",
        operation='UPDATE OF "version_in_force_id"',
    ),
    trigger(
        "contracts.Contract",
        "contract_kept",
        """
                IF (OLD.number <> '' OR OLD.state <> 'draft')
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'a contract that was numbered or offered is never deleted'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_kept';
                END IF;
                RETURN OLD;
                """,
        when="BEFORE",
        operation="DELETE",
    ),
    *audited("contracts.Delivery"),
    *append_only("contracts.Delivery"),
    trigger(
        "contracts.Delivery",
        "delivery_needs_supply",
        "PERFORM loudou_check_supply(NEW.id); RETURN NULL;",
        when="AFTER",
        operation="INSERT",
        is_deferred=True,
    ),
    *audited("contracts.DeliveryAcceptance"),
    *append_only("contracts.DeliveryAcceptance"),
    *audited("contracts.DeliveryLine"),
    *append_only("contracts.DeliveryLine"),
    trigger(
        "contracts.DeliveryLine",
        "post_delivery",
        "PERFORM loudou_post_delivery(NEW.id); RETURN NULL;",
        when="AFTER",
        operation="INSERT",
    ),
    trigger(
        "contracts.DeliveryLine",
        "take_delivery_back",
        """
                UPDATE contracts_contractline line
                SET delivered = line.delivered - gone.quantity, delivered_amount = line.delivered_amount - gone.amount
                FROM (
                    SELECT line_id, sum(quantity) AS quantity, sum(amount) AS amount FROM entries GROUP BY line_id
                ) gone
                WHERE line.id = gone.line_id;
                RETURN NULL;
                """,
        when="AFTER",
        operation="DELETE",
        level="STATEMENT",
        referencing="REFERENCING OLD TABLE AS entries ",
    ),
    *audited("contracts.DiscountRequest"),
    *append_only("contracts.DiscountRequest"),
    *audited("contracts.DiscountDecision"),
    *append_only("contracts.DiscountDecision"),
    *audited("contracts.Invoice", exclude=("search_text",)),
    *_posted("contracts.Invoice", "invoice", generated=("search_text",)),
    trigger(
        "contracts.Invoice",
        "invoice_fits",
        """
                IF NOT EXISTS (
                    SELECT FROM contracts_contract contract
                    LEFT JOIN contracts_invoice blue ON blue.id = NEW.corrects_id
                    WHERE contract.id = NEW.contract_id AND contract.customer_id = NEW.customer_id
                      AND contract.currency = NEW.currency
                      AND (NEW.corrects_id IS NULL
                           OR (blue.contract_id = NEW.contract_id AND blue.corrects_id IS NULL))
                ) THEN
                    RAISE EXCEPTION 'an invoice is of the customer and in the currency of its contract' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_fits', TABLE = TG_TABLE_NAME;
                END IF;
                RETURN NULL;
            """,
        when="AFTER",
        operation="INSERT",
    ),
    trigger(
        "contracts.Invoice",
        "invoice_adds_up",
        _INVOICE_ADDS_UP.replace("INVOICE", "NEW.id"),
        when="AFTER",
        operation="INSERT",
        is_deferred=True,
    ),
    *audited("contracts.InvoiceLine", exclude=("credited",)),
    *_posted("contracts.InvoiceLine", "invoice line", balances=("credited",)),
    trigger(
        "contracts.InvoiceLine",
        "starts_empty",
        "NEW.credited := 0;\nRETURN NEW;",
        when="BEFORE",
        operation="INSERT",
    ),
    *_entries(
        "contracts.InvoiceLine",
        insert=_INVOICE.format(sign="+", opposite="-")
        + """
        IF EXISTS (
            SELECT FROM entries entry
            JOIN contracts_invoice invoice ON invoice.id = entry.invoice_id
            JOIN contracts_contractline line ON line.id = entry.line_id
            LEFT JOIN contracts_invoiceline blue ON blue.id = entry.corrects_id
            WHERE line.contract_id <> invoice.contract_id
               OR (entry.corrects_id IS NULL) <> (invoice.corrects_id IS NULL)
               OR (entry.corrects_id IS NOT NULL AND (blue.invoice_id, blue.line_id, blue.tax_rate)
                   IS DISTINCT FROM (invoice.corrects_id, entry.line_id, entry.tax_rate))
        ) THEN
            RAISE EXCEPTION 'an invoice has lines of its contract, a red one those of the blue one it names' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_line_fits', TABLE = TG_TABLE_NAME;
        END IF;
    """,
        delete=_INVOICE.format(sign="-", opposite="+"),
    ),
    trigger(
        "contracts.InvoiceLine",
        "invoice_adds_up",
        _INVOICE_ADDS_UP.replace("INVOICE", "NEW.invoice_id"),
        when="AFTER",
        operation="INSERT",
        is_deferred=True,
    ),
    *audited("contracts.LineTerms"),
    trigger("contracts.LineTerms", "terms_only_in_draft", _ONLY_IN_DRAFT, when="BEFORE", operation="INSERT OR UPDATE"),
    trigger("contracts.LineTerms", "terms_kept", _KEPT_AFTER_DRAFT, when="BEFORE", operation="DELETE"),
    *audited("contracts.PaymentPlan"),
    trigger(
        "contracts.PaymentPlan",
        "plan_life",
        """
                IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
                    ('draft', 'in_force'), ('in_force', 'replaced')
                ) THEN
                    RAISE EXCEPTION 'a plan is drafted, put in force, and replaced: in this order' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_state_follows', TABLE = TG_TABLE_NAME;
                END IF;
                IF OLD.state <> 'draft' AND
                    to_jsonb(NEW) - ARRAY['state', 'replaced_on', 'version', 'updated_at']
                    <> to_jsonb(OLD) - ARRAY['state', 'replaced_on', 'version', 'updated_at']
                THEN
                    RAISE EXCEPTION 'a plan in force is not edited: an amendment replaces it' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_is_posted', TABLE = TG_TABLE_NAME;
                END IF;
                RETURN NEW;
            """,
        when="BEFORE",
        operation="UPDATE",
    ),
    trigger(
        "contracts.PaymentPlan",
        "plan_instalments_follow",
        """
                IF NEW.state <> OLD.state THEN
                    UPDATE contracts_instalment SET is_in_force = NEW.state = 'in_force' WHERE plan_id = NEW.id;
                END IF;
                RETURN NULL;
            """,
        when="AFTER",
        operation='UPDATE OF "state"',
    ),
    trigger(
        "contracts.PaymentPlan",
        "plan_adds_up",
        _PLAN_ADDS_UP.replace("PLAN", "NEW.id") + "RETURN NULL;",
        when="AFTER",
        operation='INSERT OR UPDATE OF "state"',
        declare="DECLARE planned record; parts record;",
        is_deferred=True,
    ),
    trigger(
        "contracts.PaymentPlan",
        "plan_kept",
        """
                IF OLD.state <> 'draft'
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'a plan that was in force is never deleted' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_plan_is_posted', TABLE = TG_TABLE_NAME;
                END IF;
                RETURN OLD;
            """,
        when="BEFORE",
        operation="DELETE",
    ),
    *audited("contracts.Instalment", exclude=("allocated", "cash", "settled_base", "open_amount")),
    *_posted(
        "contracts.Instalment",
        "instalment",
        balances=("allocated", "cash", "settled_base", "is_in_force"),
        generated=("open_amount",),
        changing={
            "due_on": "true",
            "booked_on": "OLD.allocated = 0",
            "booked_rate": "OLD.allocated = 0",
            "booked_base": "OLD.allocated = 0",
        },
        unless="NOT OLD.is_in_force AND (SELECT state = 'draft' FROM contracts_paymentplan WHERE id = OLD.plan_id)",
    ),
    trigger(
        "contracts.Instalment",
        "starts_empty",
        "NEW.allocated := 0;\nNEW.cash := 0;\nNEW.settled_base := 0;\nNEW.is_in_force := (SELECT state = 'in_force' FROM contracts_paymentplan WHERE id = NEW.plan_id FOR SHARE);\nRETURN NEW;",
        when="BEFORE",
        operation="INSERT",
    ),
    trigger(
        "contracts.Instalment",
        "plan_adds_up",
        _PLAN_ADDS_UP.replace("PLAN", "coalesce(NEW.plan_id, OLD.plan_id)") + "RETURN NULL;",
        when="AFTER",
        operation="INSERT OR DELETE",
        declare="DECLARE planned record; parts record;",
        is_deferred=True,
    ),
    *audited(
        "contracts.Receipt", exclude=("search_text", "allocated", "refunded", "reversed", "used_base", "available")
    ),
    *_posted(
        "contracts.Receipt",
        "receipt",
        balances=("cash_on", "allocated", "refunded", "reversed", "used_base"),
        generated=("available", "search_text"),
    ),
    trigger(
        "contracts.Receipt",
        "starts_empty",
        "NEW.allocated := 0;\nNEW.refunded := 0;\nNEW.reversed := 0;\nNEW.used_base := 0;\nNEW.cash_on := CASE WHEN NEW.kind = 'bill' THEN NULL ELSE NEW.received_on END;\nRETURN NEW;",
        when="BEFORE",
        operation="INSERT",
    ),
    *audited("contracts.BillEvent"),
    *_posted("contracts.BillEvent", "bill event"),
    *_entries(
        "contracts.BillEvent",
        insert=_CASH.format(sign="+", cash_on='entry."on"')
        + """
        IF EXISTS (
            SELECT FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE receipt.kind <> 'bill' OR receipt.reversed <> 0
        ) THEN RAISE EXCEPTION 'only a bill of exchange that stands is honoured or dishonoured' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bill_event_fits', TABLE = TG_TABLE_NAME; END IF;
    """,
        delete=_CASH.format(sign="-", cash_on="NULL"),
    ),
    *audited("contracts.Allocation"),
    *_posted("contracts.Allocation", "allocation"),
    *_entries(
        "contracts.Allocation",
        insert=_ALLOCATE.format(sign="+")
        + """
    IF EXISTS (
        SELECT FROM entries entry
        JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        JOIN contracts_instalment instalment ON instalment.id = entry.instalment_id
        WHERE entry.currency <> receipt.currency OR entry.currency <> instalment.currency
    ) THEN RAISE EXCEPTION 'an allocation, its receipt and its instalment are in one currency' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'allocation_one_currency', TABLE = TG_TABLE_NAME; END IF;
    IF EXISTS (
        SELECT FROM entries entry
        JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        JOIN contracts_instalment instalment ON instalment.id = entry.instalment_id
        LEFT JOIN contracts_allocation undone ON undone.id = entry.undoes_id
        WHERE receipt.customer_id <> instalment.customer_id OR entry.contract_id <> instalment.contract_id
           OR (entry.undoes_id IS NULL AND NOT instalment.is_in_force)
           OR (entry.undoes_id IS NOT NULL AND (
                  undone.receipt_id, undone.instalment_id, undone.amount, undone.amount_base, undone.booked_base
               ) IS DISTINCT FROM (
                  entry.receipt_id, entry.instalment_id, -entry.amount, -entry.amount_base, -entry.booked_base))
    ) THEN RAISE EXCEPTION 'an allocation joins a receipt and an instalment in force of one customer, or undoes another exactly' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'allocation_fits', TABLE = TG_TABLE_NAME; END IF;
    INSERT INTO contracts_exchangedifference (customer_id, contract_id, allocation_id, currency, amount_base, "on")
    SELECT receipt.customer_id, entry.contract_id, entry.id, entry.currency, entry.amount_base - entry.booked_base,
           entry."on"
    FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
    WHERE entry.amount_base <> entry.booked_base;
""",
        delete="DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.allocation_id = entry.id;"
        + _ALLOCATE.format(sign="-"),
    ),
    *audited("contracts.Refund", exclude=("is_reversed",)),
    *_posted("contracts.Refund", "refund", balances=("is_reversed",)),
    trigger(
        "contracts.Refund",
        "starts_empty",
        "NEW.is_reversed := false;\nRETURN NEW;",
        when="BEFORE",
        operation="INSERT",
    ),
    *_entries(
        "contracts.Refund",
        insert=_REFUND.format(sign="+")
        + """
        IF EXISTS (
            SELECT FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE entry.currency <> receipt.currency OR entry.customer_id <> receipt.customer_id
        ) THEN RAISE EXCEPTION 'a refund is in the currency and of the customer of its receipt' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_fits', TABLE = TG_TABLE_NAME; END IF;
        INSERT INTO contracts_exchangedifference (customer_id, refund_id, currency, amount_base, "on")
        SELECT customer_id, id, currency, receipt_base - amount_base, refunded_on FROM entries
        WHERE receipt_base <> amount_base;
    """,
        delete="DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.refund_id = entry.id;"
        + _REFUND.format(sign="-"),
    ),
    *audited("contracts.Reversal"),
    *_posted("contracts.Reversal", "reversal"),
    *_entries(
        "contracts.Reversal",
        insert=_REVERSE.format(sign="-", reversed="receipt.amount", is_reversed="true")
        + """
        INSERT INTO contracts_exchangedifference (customer_id, reversal_id, currency, amount_base, "on")
        SELECT refund.customer_id, entry.id, refund.currency, refund.amount_base - refund.receipt_base, entry."on"
        FROM entries entry JOIN contracts_refund refund ON refund.id = entry.refund_id
        WHERE refund.receipt_base <> refund.amount_base;
    """,
        delete="DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.reversal_id = entry.id;"
        + _REVERSE.format(sign="+", reversed="0", is_reversed="false"),
    ),
    *audited("contracts.ExchangeDifference"),
    *_posted("contracts.ExchangeDifference", "exchange difference"),
    trigger(
        "contracts.ExchangeDifference",
        "written_by_entries",
        """
            IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'an exchange difference is written with the entry that caused it' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'exchange_difference_follows', TABLE = TG_TABLE_NAME; END IF;
            RETURN NEW;
        """,
        when="BEFORE",
        operation="INSERT",
    ),
    *audited("contracts.StatementLine", exclude=("posted_amount", "state")),
    *_posted(
        "contracts.StatementLine",
        "line of a bank statement",
        balances=("posted_amount",),
        generated=("state",),
        changing={"is_dismissed": "true", "dismissal": "true"},
    ),
    trigger(
        "contracts.StatementLine",
        "starts_empty",
        "NEW.posted_amount := 0;\nRETURN NEW;",
        when="BEFORE",
        operation="INSERT",
    ),
    *audited("contracts.StatementPosting"),
    *_posted("contracts.StatementPosting", "posting of a bank line"),
    *_entries(
        "contracts.StatementPosting",
        insert=_USE_BANK_LINE.format(sign="+")
        + """
        IF EXISTS (
            SELECT FROM entries entry
            JOIN contracts_statementline line ON line.id = entry.line_id
            JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE line.currency <> receipt.currency OR entry.amount <> receipt.amount OR receipt.reversed <> 0
        ) THEN
            RAISE EXCEPTION 'a bank line is posted as a receipt of the same currency and amount' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'statement_posting_fits', TABLE = TG_TABLE_NAME;
        END IF;
    """,
        delete=_USE_BANK_LINE.format(sign="-"),
    ),
    *audited("contracts.TemplateInstalment"),
]
