"""How the database keeps payment plans: in force they add up to the contract and stay as they are."""

from __future__ import annotations

import pgtrigger

from loudou.contracts.guards import refuse

_WRONG_SUM = refuse("the instalments of a plan in force add up to its total", "payment_plan_adds_up")
_WRONG_TOTAL = refuse("the plan in force adds up to the amount of the contract", "payment_plan_fits_contract")
_WRONG_FACTS = refuse("a plan and its instalments are of one contract, customer and currency", "payment_plan_fits")

_WRONG_STATE = refuse("a plan is drafted, put in force, and replaced: in this order", "payment_plan_state_follows")

_CHECK = f"""
    SELECT plan.*, contract.amount AS agreed, contract.currency AS agreed_currency,
           contract.customer_id AS buyer_id, contract.state AS contract_state
    INTO planned
    FROM contracts_paymentplan plan JOIN contracts_contract contract ON contract.id = plan.contract_id
    WHERE plan.id = {{plan}} AND plan.state = 'in_force';
    IF FOUND THEN
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(booked_base), 0) AS base,
               coalesce(bool_and(contract_id = planned.contract_id AND customer_id = planned.customer_id
                                 AND currency = planned.currency), true) AS fits
        INTO parts FROM contracts_instalment WHERE plan_id = planned.id;
        IF parts.amount <> planned.total THEN {_WRONG_SUM} END IF;
        IF NOT parts.fits OR planned.currency <> planned.agreed_currency OR planned.customer_id <> planned.buyer_id THEN
            {_WRONG_FACTS}
        END IF;
        -- What is still to be paid after a termination may be less than was agreed.
        IF planned.total > planned.agreed
            OR (planned.total < planned.agreed AND planned.contract_state <> 'terminated') THEN
            {_WRONG_TOTAL}
        END IF;
    END IF;
"""
_VARIABLES = [("planned", "record"), ("parts", "record")]


def instalments_add_up() -> pgtrigger.Trigger:
    """When a transaction ends, the instalments of a plan in force add up. Nothing joins or leaves such a plan."""
    return pgtrigger.Trigger(
        name="plan_adds_up",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        declare=_VARIABLES,
        func=_CHECK.format(plan="coalesce(NEW.plan_id, OLD.plan_id)") + "RETURN NULL;",
    )


def plan_life() -> list[pgtrigger.Trigger]:
    """A plan is drafted, put in force, replaced; its instalments follow; in force it adds up to the contract."""
    return [
        pgtrigger.Trigger(
            name="plan_life",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"""
                IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
                    ('draft', 'in_force'), ('in_force', 'replaced')
                ) THEN
                    {_WRONG_STATE}
                END IF;
                IF OLD.state <> 'draft' AND
                    to_jsonb(NEW) - ARRAY['state', 'replaced_on', 'version', 'updated_at']
                    <> to_jsonb(OLD) - ARRAY['state', 'replaced_on', 'version', 'updated_at']
                THEN
                    {refuse("a plan in force is not edited: an amendment replaces it", "payment_plan_is_posted")}
                END IF;
                RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name="plan_instalments_follow",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf("state"),
            func="""
                IF NEW.state <> OLD.state THEN
                    UPDATE contracts_instalment SET is_in_force = NEW.state = 'in_force' WHERE plan_id = NEW.id;
                END IF;
                RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name="plan_adds_up",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
            timing=pgtrigger.Deferred,
            declare=_VARIABLES,
            func=_CHECK.format(plan="NEW.id") + "RETURN NULL;",
        ),
        pgtrigger.Trigger(
            name="plan_kept",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=f"""
                IF OLD.state <> 'draft'
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    {refuse("a plan that was in force is never deleted", "payment_plan_is_posted")}
                END IF;
                RETURN OLD;
            """,
        ),
    ]


def plan_of_contract() -> pgtrigger.Trigger:
    """When a transaction ends, the plan in force of a contract adds up to what the contract then amounts to."""
    return pgtrigger.Trigger(
        name="plan_fits",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("amount", "version_in_force_id", "state"),
        timing=pgtrigger.Deferred,
        declare=[*_VARIABLES, ("in_force", "bigint")],
        func=f"""
            SELECT id INTO in_force FROM contracts_paymentplan WHERE contract_id = NEW.id AND state = 'in_force';
            {_CHECK.format(plan="in_force")}
            RETURN NULL;
        """,
    )
